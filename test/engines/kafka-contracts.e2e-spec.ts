import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe } from 'vitest';
import { KafkaOutbox, Outlet, TaskState, TopicRestorer, useCodecs } from '#kafka';
import { silentLogger } from '#telemetry';
import { outboxContract, type OpenedOutbox } from '../../libs/alerting/src/outbox.contract.js';
import { taskStoreContract } from '../../libs/detection/src/task-store.contract.js';
import { kafkaOrSkip } from '../../tools/engines/ready.js';
import { KafkaTaskStore } from './kafka-task-store.js';

const brokers = await kafkaOrSkip();
const topic = 'contracts';
/** More than the contract has cases: each opens a partition of its own. */
const partitions = 40;
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

/** State of a partition of its own, and what stands on it. */
async function openOver<Facts, Port>(build: (state: TaskState<Facts>) => Port) {
  const partition = opened++;
  const begin = (): Promise<TaskState<Facts>> => TaskState.open({ client, restorer, outlet, topic, partition });
  let state = await begin();
  return {
    port: build(state),
    reopen: async () => {
      await state.close();
      state = await begin();
      return build(state);
    },
    close: () => state.close(),
  };
}

describe.skipIf(!brokers)('the outbox in a compacted topic', () =>
  outboxContract(async (): Promise<OpenedOutbox> => {
    const { port, ...rest } = await openOver((state: TaskState<{ mark: number }>) => new KafkaOutbox(state));
    return { outbox: port, ...rest };
  }),
);

describe.skipIf(!brokers)('the state of a task in a compacted topic', () =>
  taskStoreContract(async () => {
    const { port, ...rest } = await openOver((state: ConstructorParameters<typeof KafkaTaskStore>[0]) => new KafkaTaskStore(state));
    return { tasks: port, ...rest };
  }),
);
