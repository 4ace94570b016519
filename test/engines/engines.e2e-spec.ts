import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka as KafkaClient, logLevel } from 'kafkajs';
import { afterAll, describe, expect, it } from 'vitest';
import { EngineProcess } from '../../tools/engines/engine-process.js';
import { kafkaOrSkip } from '../../tools/engines/ready.js';

const kafka = process.env['KAFKA_BROKERS'] ? undefined : await kafkaOrSkip({ brokers: 3 });
afterAll(() => kafka?.stop());

describe.skipIf(!kafka)('three brokers', () => {
  it('go on when one is killed, and take it back', async () => {
    const client = new KafkaClient({ brokers: [...kafka!.brokers], logLevel: logLevel.NOTHING, retry: { retries: 20 } });
    const admin = client.admin();
    const producer = client.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    const size = async (wanted: number): Promise<number> => {
      for (let tries = 0; ; tries++) {
        const { brokers } = await admin.describeCluster();
        if (brokers.length === wanted || tries > 100) return brokers.length;
        await sleep(300);
      }
    };
    expect(await size(3)).toBe(3);
    await admin.createTopics({ topics: [{ topic: 't', numPartitions: 3, replicationFactor: 3 }], waitForLeaders: true });
    await kafka!.stopBroker(2);
    expect(await size(2)).toBe(2);
    await producer.send({ topic: 't', acks: -1, messages: [{ value: 'x' }] });
    await kafka!.startBroker(2);
    expect(await size(3)).toBe(3);
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
});

describe('an engine that does not come up', () => {
  it('says so with the last words of its log', async () => {
    const command = { program: process.execPath, args: ['-e', 'console.log("no licence"); process.exit(3)'], folder: '.', log: logFile() };
    const failing = new EngineProcess(command);
    await expect(failing.start(() => Promise.resolve(false))).rejects.toThrow(/ended at once[^]*no licence/);
    await expect(new EngineProcess({ ...command, program: '/no/such/java' }).start(() => Promise.resolve(false))).rejects.toThrow(
      'ended at once',
    );
  });
});

function logFile(): string {
  return join(tmpdir(), `gatewatch-engine-${process.pid}.log`);
}
