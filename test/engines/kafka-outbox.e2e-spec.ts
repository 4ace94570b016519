import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe } from 'vitest';
import { KafkaOutbox, Outlet, TaskState, TopicRestorer, useCodecs } from '#kafka';
import { silentLogger } from '#telemetry';
import { outboxContract, type OpenedOutbox } from '../../libs/alerting/src/outbox.contract.js';
import { kafkaOrSkip } from '../../tools/engines/ready.js';

const brokers = await kafkaOrSkip();
const topic = 'outbox-contract';
/** More than the contract has cases: each opens a partition of its own. */
const partitions = 24;
let client: Kafka;
let outlet: Outlet;
let restorer: TopicRestorer;
let opened = 0;

beforeAll(async () => {
  if (!brokers) return;
  useCodecs();
  client = new Kafka({ clientId: 'test', brokers: [...brokers.brokers], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: true });
  await admin.disconnect();
  outlet = new Outlet(client, silentLogger);
  await outlet.connect();
  restorer = new TopicRestorer(client, outlet, [topic], topic);
  await restorer.start();
});

afterAll(async () => {
  await restorer?.close();
  await outlet?.close();
  await brokers?.stop();
});

async function open(): Promise<OpenedOutbox> {
  const partition = opened++;
  const begin = (): Promise<TaskState<{ mark: number }>> => TaskState.open({ client, restorer, outlet, topic, partition });
  let state = await begin();
  return {
    outbox: new KafkaOutbox(state),
    reopen: async () => {
      await state.close();
      state = await begin();
      return new KafkaOutbox(state);
    },
    close: () => state.close(),
  };
}

describe.skipIf(!brokers)('the outbox in a compacted topic', () => outboxContract(open));
