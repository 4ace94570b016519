import kafkajs from 'kafkajs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { kafkaClient, kafkaClusterConfig } from '#kafka';
import { silentLogger, type Logger } from '#telemetry';
import { kafkaOrSkip } from '../../tools/engines/ready.js';
import { until } from '../e2e/gatewatch-process.js';
import { Member } from './task-harness.js';

const { Kafka, logLevel } = kafkajs;
const broker = await kafkaOrSkip();
const plain = new Kafka({ clientId: 'test', brokers: [...(broker?.brokers ?? ['none:1'])], logLevel: logLevel.NOTHING });
const admin = plain.admin();
const members: Member[] = [];

async function made(name: string): Promise<void> {
  await admin.connect();
  const compacted = [{ name: 'cleanup.policy', value: 'compact' }];
  const topics = [{ topic: `${name}-state`, configEntries: compacted }, { topic: name }, { topic: `${name}-out` }];
  await admin.createTopics({ waitForLeaders: true, topics: topics.map((topic) => ({ ...topic, numPartitions: 1 })) });
}

async function send(topic: string, from: number, to: number): Promise<void> {
  const producer = plain.producer();
  await producer.connect();
  await producer.send({ topic, messages: Array.from({ length: to - from }, (_, at) => ({ partition: 0, value: String(from + at) })) });
  await producer.disconnect();
}

/** A process that copies, and what it says as errors. */
function join(name: string): { member: Member; taken: number[]; errors: Record<string, unknown>[] } {
  const errors: Record<string, unknown>[] = [];
  const logger: Logger = { ...silentLogger, error: (message, fields) => void errors.push({ message, ...fields }) };
  const taken: number[] = [];
  const client = kafkaClient(kafkaClusterConfig.parse({ brokers: broker!.brokers }), logger);
  const parts = { client, logger, group: name, input: name, state: `${name}-state`, output: `${name}-out` };
  const member = Member.start({ ...parts, meanwhile: (_, { value }) => void taken.push(Number(value)) });
  members.push(member);
  return { member, taken, errors };
}

const taking = (taken: readonly number[], last: number): Promise<unknown> =>
  until(
    () => Promise.resolve(taken.at(-1)),
    (found) => found === last,
    60,
  );

afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});
afterAll(async () => {
  await admin.disconnect();
  await broker?.stop();
});

describe.skipIf(!broker)('what is changed under a task by others', () => {
  it('goes on behind what was deleted before it was read, and tells the hole', async () => {
    await made('gone');
    await send('gone', 0, 10);
    const first = join('gone');
    await taking(first.taken, 9);
    await first.member.end();
    members.length = 0;
    await send('gone', 10, 30);
    // The client must have heard of the topic's leaders first.
    await admin.fetchTopicOffsets('gone');
    await admin.deleteTopicRecords({ topic: 'gone', partitions: [{ partition: 0, offset: '25' }] });
    const second = join('gone');
    await taking(second.taken, 29);
    expect(second.taken).toEqual([25, 26, 27, 28, 29]);
    expect(second.errors).toMatchObject([{ topic: 'gone', partition: 0, from: '10', to: '25', lost: '15' }]);
    expect(first.errors).toEqual([]);
  });

  it('takes nothing of a topic that was made anew, and says what to do', async () => {
    await made('anew');
    await send('anew', 0, 10);
    const first = join('anew');
    await taking(first.taken, 9);
    await first.member.end();
    members.length = 0;
    await admin.deleteTopics({ topics: ['anew'] });
    await until(() => admin.listTopics(), (topics) => !topics.includes('anew'), 30); // prettier-ignore
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'anew', numPartitions: 1 }] });
    await send('anew', 100, 105);
    const second = join('anew');
    await until(() => Promise.resolve(second.member.tasks.facts()[0]?.problem), (problem) => problem !== undefined, 60); // prettier-ignore
    await send('anew', 105, 120);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(second.taken).toEqual([]);
    expect(second.errors).toHaveLength(1);
    expect(second.errors[0]!['reason']).toMatch(/ends at 5, before the place 10 .* delete its state topic/);
  });
});
