import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompressionTypes, Kafka, logLevel, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCodecs } from '#kafka';
import { kafkaOrSkip } from '../../tools/engines/ready.js';
import { Service, until } from '../e2e/gatewatch-process.js';
import { accessLine } from '../e2e/login-burst.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-kafka-source-'));
const data = join(dir, 'data');
const config = join(dir, 'gatewatch.yml');
const start = Date.now() - 3_600_000;
const perRound = 3000;
const brokers = await kafkaOrSkip();
let producer: Producer;
let service: Service;
let key = '';
let sent = 0;

/** Lines as a producer ships them: over three partitions, some as JSON with the line inside. */
async function send(amount: number, compression = CompressionTypes.None): Promise<void> {
  const messages = Array.from({ length: amount }, () => {
    const line = accessLine(start + sent, { ip: `198.51.100.${sent % 200}`, request: `GET /orders/${sent}` }).trimEnd();
    const value =
      sent % 5 === 0
        ? JSON.stringify({ '@timestamp': new Date(start + sent).toISOString(), message: line, host: { name: 'web1' } }, null, 1)
        : line;
    return { key: String(sent++), value };
  });
  await producer.send({ topic: 'access', messages, compression });
}

const begin = async (): Promise<void> => {
  service = await Service.start(['--config', config, '--data', data]);
  key ||= service.keys().read;
};
const paths = async (): Promise<string[]> =>
  (await service.all<{ url?: { path?: string } }>('/v1/events?limit=1000', key)).map(({ url }) => url?.path ?? 'none').sort();
const expected = (): string[] => Array.from({ length: sent }, (_, at) => `/orders/${at}`).sort();
const all = (): Promise<string[]> => until(paths, (found) => found.length >= sent);

beforeAll(async () => {
  useCodecs();
  if (!brokers) return;
  const client = new Kafka({ clientId: 'test', brokers: [...brokers.brokers], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'access', numPartitions: 3 }], waitForLeaders: true });
  await admin.disconnect();
  producer = client.producer();
  await producer.connect();
  writeFileSync(
    config,
    `sources:\n  - name: edge\n    time_zone: UTC\n    kafka:\n      brokers: [${brokers.brokers.map((broker) => `"${broker}"`).join(', ')}]\n      topics: [access]\n      timeout: 6s\n`,
  );
});
afterAll(async () => {
  await service?.kill('SIGKILL');
  await producer?.disconnect();
  await brokers?.stop();
});

describe.skipIf(!brokers)('a source that reads Kafka', () => {
  it('takes what is there and what comes, each message once', async () => {
    await send(perRound);
    await begin();
    expect(await all()).toEqual(expected());
    for (const compression of [CompressionTypes.GZIP, CompressionTypes.Snappy, CompressionTypes.LZ4]) await send(perRound / 3, compression);
    expect(await all()).toEqual(expected());
  });

  it('loses and repeats nothing when it is killed', async () => {
    for (let kill = 0; kill < 4; kill++) {
      await send(perRound);
      await new Promise((resolve) => setTimeout(resolve, 150 * kill));
      await service.kill('SIGKILL');
      await send(100);
      await begin();
    }
    expect(await all()).toEqual(expected());
  });

  it('waits for a broker that is gone, and goes on where it was', async () => {
    if (brokers!.given) return;
    await send(500);
    await brokers!.stopBroker(0);
    await service.kill('SIGKILL');
    await begin();
    await brokers!.startBroker(0);
    await send(500);
    expect(await all()).toEqual(expected());
    expect(await service.kill('SIGTERM')).toBe(0);
  });
});
