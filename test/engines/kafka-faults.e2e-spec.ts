import { randomBytes } from 'node:crypto';
import kafkajs from 'kafkajs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { kafkaClient, kafkaClusterConfig, kafkaTopicsConfig, TopicReader, type TopicPiece } from '#kafka';
import { silentLogger } from '#telemetry';
import { systemClock } from '#time';
import { kafkaOrSkip } from '../../tools/engines/ready.js';
import { until } from '../e2e/gatewatch-process.js';
import { Gate, Member, type MemberParts } from './task-harness.js';

const { Kafka, logLevel } = kafkajs;
const broker = await kafkaOrSkip();
const partitions = 4;
const members: Member[] = [];
const client = () => kafkaClient(kafkaClusterConfig.parse({ brokers: broker!.brokers }), silentLogger);
const plain = new Kafka({ clientId: 'test', brokers: [...(broker?.brokers ?? ['none:1'])], logLevel: logLevel.NOTHING });

/** One case: topics of its own, messages that are numbered, and members that copy them. */
class Case {
  sent = 0;
  constructor(readonly name: string) {}

  static async named(name: string): Promise<Case> {
    const admin = plain.admin();
    await admin.connect();
    const compacted = [{ name: 'cleanup.policy', value: 'compact' }];
    const topics = [{ topic: `${name}-state`, configEntries: compacted }, { topic: name }, { topic: `${name}-out` }];
    await admin.createTopics({ waitForLeaders: true, topics: topics.map((topic) => ({ ...topic, numPartitions: partitions })) });
    await admin.disconnect();
    return new Case(name);
  }

  async send(amount: number): Promise<void> {
    const producer = plain.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const messages = Array.from({ length: amount }, () => ({ partition: this.sent % partitions, value: String(this.sent++) }));
    await producer.send({ topic: this.name, messages });
    await producer.disconnect();
  }

  join(meanwhile?: MemberParts['meanwhile']): Member {
    const { name } = this;
    const parts = { client: client(), logger: silentLogger, group: name, input: name, state: `${name}-state`, output: `${name}-out` };
    const member = Member.start({ ...parts, ...(meanwhile && { meanwhile }) });
    members.push(member);
    return member;
  }

  /** What was copied, as a reader sees it who reads what is committed. Waits for as many as were sent, then whether there are more. */
  async copied(): Promise<number[]> {
    const consumer = plain.consumer({ groupId: `${this.name}-${Math.random()}`, maxWaitTimeInMs: 100 });
    const found: number[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: [`${this.name}-out`], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: async ({ message }) => void found.push(Number(message.value)) });
    await until(
      async () => found.length,
      (count) => count >= this.sent,
      60,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    await consumer.disconnect();
    return found.sort((one, other) => one - other);
  }

  get all(): number[] {
    return Array.from({ length: this.sent }, (_, at) => at);
  }

  /** What the group has committed: of ours, nothing ever. */
  async committed(): Promise<string[]> {
    const admin = plain.admin();
    await admin.connect();
    const [found] = await admin.fetchOffsets({ groupId: this.name, topics: [this.name] });
    await admin.disconnect();
    return found!.partitions.map(({ offset }) => offset).filter((offset) => offset !== '-1');
  }
}

const joined = (member: Member): Promise<unknown> =>
  until(
    async () => member.tasks.tasks,
    ({ open, opening }) => open > 0 && opening === 0,
    60,
  );
const shared = (...all: Member[]): Promise<unknown> =>
  until(
    async () => all.map(({ tasks }) => tasks.tasks),
    (counts) =>
      counts.every(({ open, opening }) => open > 0 && opening === 0) && counts.reduce((sum, { open }) => sum + open, 0) === partitions,
    60,
  );

afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.end()));
});
afterAll(async () => broker?.stop());

describe.skipIf(!broker)('faults that kafkajs is known for', () => {
  it('coordinator not available at the start: members that begin before the broker and its group topic wait, and miss nothing', async () => {
    if (broker!.given) return;
    const one = await Case.named('coordinator');
    await one.send(200);
    await broker!.stopBroker(0);
    const member = one.join();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(member.tasks.tasks.open).toBe(0);
    await broker!.startBroker(0);
    expect(await one.copied()).toEqual(one.all);
  });

  it('tulios/kafkajs #1046: what a member finishes of a partition that it no longer owns is refused, and nothing is committed', async () => {
    const one = await Case.named('no-longer-owned');
    const gate = new Gate();
    const first = one.join((_, { value }) => (Number(value) >= 40 ? gate.passed() : undefined));
    await one.send(40);
    await joined(first);
    await until(
      () => one.copied(),
      (found) => found.length === 40,
      30,
    );
    // All four tasks of the first stand still in their work while a second comes, and the group gives it partitions.
    await one.send(40);
    const second = one.join();
    await joined(second);
    gate.open();
    expect(await one.copied()).toEqual(one.all);
    await shared(first, second);
    expect(first.refused).toBeGreaterThan(0);
    expect(await one.committed()).toEqual([]);
    await one.send(40);
    expect(await one.copied()).toEqual(one.all);
  });

  it('tulios/kafkajs #28: offsets that were resolved and not committed are not read again after a rebalance', async () => {
    const one = await Case.named('resolved');
    const taken: number[] = [];
    const note: MemberParts['meanwhile'] = (_, { value }) => void taken.push(Number(value));
    const first = one.join(note);
    await one.send(400);
    await until(
      async () => taken.length,
      (count) => count === 400,
      60,
    );
    const second = one.join(note);
    await shared(first, second);
    await one.send(400);
    await until(
      async () => taken.length,
      (count) => count >= 800,
      60,
    );
    await second.end();
    await shared(first);
    await one.send(400);
    expect(await one.copied()).toEqual(one.all);
    expect(taken.sort((a, b) => a - b)).toEqual(one.all);
    expect(await one.committed()).toEqual([]);
  });

  it('work that fails in the middle of a batch is done again as a whole: what was fetched ahead is not skipped', async () => {
    const one = await Case.named('failing');
    const failed = new Set<string>();
    const member = one.join((_, { value }) => {
      const text = String(value);
      if (Number(text) % 50 !== 7 || failed.has(text)) return;
      failed.add(text);
      throw new Error('the work failed');
    });
    await joined(member);
    await one.send(100);
    await one.send(100);
    expect(await one.copied()).toEqual(one.all);
    expect(failed.size).toBe(4);
    expect(member.refused).toBe(0);
  });

  it('what producers gave up is passed over, however much it is, and a partition that ends with it counts as read', async () => {
    const one = await Case.named('transactions');
    const producer = plain.producer({ transactionalId: one.name, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const give = async (values: readonly (string | Buffer)[], keep: boolean): Promise<void> => {
      const transaction = await producer.transaction();
      for (const value of values) await transaction.send({ topic: one.name, messages: [{ partition: 0, value }] });
      await (keep ? transaction.commit() : transaction.abort());
    };
    const member = one.join();
    // More than one answer of the broker carries.
    const much = Array.from({ length: 5 }, () => randomBytes(900_000));
    await give(['0', '1'], true);
    await give(much, false);
    await give(['2'], true);
    await give(much, false);
    one.sent = 3;
    expect(await one.copied()).toEqual([0, 1, 2]);
    await until(
      async () => member.caughtUp.get(0) ?? 0,
      (at) => at > 0,
      30,
    );
    expect(member.tasks.facts().find(({ partition }) => partition === 0)?.lag).toBe(0);
    await producer.disconnect();
  });

  it('a source that loses its partitions to a stranger in its group and gets them back takes each message once', async () => {
    const one = await Case.named('stranger');
    const saved = new Map<string, string>();
    const found: number[] = [];
    const take = async ({ payload, bookmark }: TopicPiece): Promise<void> => {
      found.push(...Buffer.from(payload).toString().trimEnd().split('\n').map(Number));
      for (const [key, value] of Object.entries(bookmark)) saved.set(key, value);
    };
    const config = kafkaTopicsConfig.parse({ brokers: broker!.brokers, topics: [one.name], group: one.name, timeout: '6s' });
    const stop = new AbortController();
    const reader = new TopicReader({
      config,
      client: client(),
      clock: systemClock,
      logger: silentLogger,
      split: () => undefined,
      saved: (key) => saved.get(key),
      take,
    });
    const running = reader.run(stop.signal);
    await one.send(200);
    await until(
      async () => found.length,
      (count) => count >= 200,
      30,
    );
    const stranger = plain.consumer({ groupId: one.name, sessionTimeout: 6000, heartbeatInterval: 500 });
    await stranger.connect();
    await stranger.subscribe({ topics: [one.name] });
    const owned = new Promise((resolve) => stranger.on(stranger.events.GROUP_JOIN, resolve));
    // It commits, as kafkajs does by default: those offsets must not be where we go on.
    await stranger.run({ eachMessage: () => Promise.resolve() });
    await owned;
    await one.send(200);
    await until(
      () => one.committed(),
      (offsets) => offsets.length > 0,
      30,
    );
    await stranger.disconnect();
    await one.send(200);
    await until(
      async () => found.length,
      (count) => count >= one.sent,
      60,
    );
    stop.abort();
    await running;
    expect(found.sort((a, b) => a - b)).toEqual(one.all);
  });
});
