import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { ServiceError, type Logger } from '#telemetry';
import type { Millis } from '#time';
import { refusalOf } from './refusals.js';

const { ConfigResourceTypes } = kafkajs;

/** A topic as it must be. */
export interface TopicWish {
  readonly name: string;
  readonly partitions: number;
  /** `state`: only the newest record of a key is kept. `stream`: everything, for so long. */
  readonly keep: 'state' | { readonly for: Millis };
  /** The topic that a state topic has the state of, where its partitions must stay as many as they were: what is in them depends on their number. */
  readonly fixedBy?: string;
}

export interface TopicsParts {
  readonly client: Kafka;
  readonly topics: readonly TopicWish[];
  /** Topics of others that must be there. */
  readonly foreign: readonly string[];
  readonly replication: number;
  readonly logger: Logger;
}

export interface ClusterTopics {
  readonly cluster: string;
  /** Partitions that each topic has. */
  readonly partitions: ReadonlyMap<string, number>;
}

/** A whole event of a line of 1 MiB, written as JSON, still fits. */
const largest = 8 << 20;

/**
 * Makes the topics that are not there and checks those that are. A stream with a policy of compaction would lose records, a state topic without it would never end.
 * @throws ServiceError `kafka_login` where the brokers refuse the user, `kafka_rights` where he may not, `kafka_unfit` where a topic is missing or is not what it must be.
 */
export async function requireTopics({ client, topics, foreign, replication, logger }: TopicsParts): Promise<ClusterTopics> {
  const admin = client.admin();
  try {
    await admin.connect();
    const there = new Set(await admin.listTopics());
    const missing = foreign.filter((name) => !there.has(name));
    if (missing.length)
      throw new ServiceError(
        'kafka_unfit',
        `The cluster has no topic ${missing.join(', ')}: create it, or correct the settings; without the right to describe a topic one does not see it either.`,
      );
    const wanted = topics.filter(({ name }) => !there.has(name));
    if (wanted.length) await make(admin, wanted, replication);
    const cluster = (await admin.describeCluster()).clusterId;
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [...foreign, ...topics.map(({ name }) => name)] });
    const partitions = new Map(found.map(({ name, partitions: all }) => [name, all.length]));
    refuseMoved(topics, partitions);
    await widen(admin, topics, partitions);
    await check(admin, topics, logger);
    return { cluster, partitions };
  } catch (error) {
    throw refusalOf(error, 'describe or create topics');
  } finally {
    await admin.disconnect();
  }
}

async function make(admin: Admin, wanted: readonly TopicWish[], replication: number): Promise<void> {
  // Another process that makes them at the same moment is no trouble: createTopics then says that they were there.
  await admin.createTopics({
    waitForLeaders: true,
    topics: wanted.map(({ name, partitions, keep }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: replication,
      configEntries: Object.entries({
        'max.message.bytes': String(largest),
        'message.timestamp.type': 'LogAppendTime',
        ...(keep === 'state'
          ? { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.2', 'segment.bytes': String(64 << 20) }
          : { 'cleanup.policy': 'delete', 'retention.ms': String(keep.for) }),
      }).map(([key, value]) => ({ name: key, value })),
    })),
  });
}

/** A state topic that was made for another number of partitions remembers it: keys would be elsewhere now than their state. */
function refuseMoved(topics: readonly TopicWish[], partitions: ReadonlyMap<string, number>): void {
  for (const { name, partitions: wanted, fixedBy } of topics) {
    const before = partitions.get(name) ?? wanted;
    if (fixedBy === undefined || before === wanted) continue;
    const remedy = fixedBy.endsWith('.matches')
      ? `Stop all detectors and delete both topics: they are made anew, and windows begin anew with what is matched from then on.`
      : `Partitions cannot be taken away again: stop all processes and give \`kafka.prefix\` another value. Sources are read from their beginning then; what is stored stays there once.`;
    throw new ServiceError(
      'kafka_unfit',
      `Topic ${fixedBy} has ${wanted} partitions and had ${before} when its state (${name}) was begun: what belongs together would be shared out differently, so nothing is read. ${remedy}`,
    );
  }
}

/** A state topic has a partition for each of what it keeps the state of. */
async function widen(admin: Admin, topics: readonly TopicWish[], partitions: Map<string, number>): Promise<void> {
  const narrow = topics.filter(({ name, keep, partitions: wanted }) => keep === 'state' && (partitions.get(name) ?? wanted) < wanted);
  if (narrow.length === 0) return;
  await admin.createPartitions({ topicPartitions: narrow.map(({ name, partitions: count }) => ({ topic: name, count })) });
  for (const { name, partitions: count } of narrow) partitions.set(name, count);
}

async function check(admin: Admin, topics: readonly TopicWish[], logger: Logger): Promise<void> {
  const resources = topics.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: ['cleanup.policy', 'retention.ms'] }));
  const described = await admin.describeConfigs({ resources, includeSynonyms: false }).catch((error: unknown) => {
    // The right to read settings is asked for separately, and not needed to work.
    logger.warn('The settings of the topics cannot be read; they are taken to be right.', { reason: (error as Error).message });
    return { resources: [] };
  });
  for (const { resourceName, configEntries } of described.resources) {
    const wish = topics.find(({ name }) => name === resourceName);
    const value = (key: string): string | undefined => configEntries.find(({ configName }) => configName === key)?.configValue;
    const policy = value('cleanup.policy');
    if (!wish || policy === undefined) continue;
    if ((wish.keep === 'state') !== policy.includes('compact'))
      throw new ServiceError(
        'kafka_unfit',
        `Topic ${resourceName} has cleanup.policy=${policy}; it must be ${wish.keep === 'state' ? 'compact' : 'delete'}.`,
      );
    const kept = Number(value('retention.ms') ?? -1);
    if (wish.keep !== 'state' && kept >= 0 && kept < wish.keep.for)
      logger.warn('A topic keeps its records for less than is configured: an outage that is longer loses what was not read.', {
        topic: resourceName,
        kept,
        wanted: wish.keep.for,
      });
  }
}
