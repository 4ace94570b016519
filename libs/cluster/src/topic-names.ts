import { createHash } from 'node:crypto';
import type { KafkaClusterConfig, TopicWish } from '#kafka';

/** Names of the topics of one installation. */
export interface TopicNames {
  /** ECS documents, several lines a message. */
  readonly events: string;
  readonly deadLetters: string;
  /** Matches by group key, with the progress of time. */
  readonly matches: string;
  /** Every revision of every signal. */
  readonly signals: string;
  /** Texts of every rule set that was published, by hash: compacted, one partition. */
  readonly rules: string;
  /** What each windows task says of coverage, by its partition: compacted, one partition. */
  readonly coverage: string;
  /** Saved state of the tasks of a stage that read one topic. */
  state(stage: Stage, topic: string): string;
}

export type Stage = 'ingest' | 'match' | 'windows' | 'index' | 'alerting';

export function topicNames(prefix: string): TopicNames {
  return {
    events: `${prefix}.events`,
    deadLetters: `${prefix}.dead-letters`,
    matches: `${prefix}.matches`,
    signals: `${prefix}.signals`,
    rules: `${prefix}.rules`,
    coverage: `${prefix}.coverage`,
    state: (stage, topic) => `${prefix}.state.${stage}.${topic.startsWith(`${prefix}.`) ? topic.slice(prefix.length + 1) : topic}`,
  };
}

/** Topics between the stages, `events` first. */
export function eventTopics(
  { partitions, retention }: Pick<KafkaClusterConfig, 'partitions' | 'retention'>,
  names: TopicNames,
): TopicWish[] {
  return [names.events, names.deadLetters, names.matches, names.signals].map((name) => ({ name, partitions, keep: { for: retention } }));
}

/** Topics by which all processes are told something. */
export function controlTopics({ rules, coverage }: TopicNames): TopicWish[] {
  return [rules, coverage].map((name) => ({ name, partitions: 1, keep: 'state' }));
}

/** A partition of a topic of records: what origin marks and clocks belong to. */
export function channelOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** The partition of `events` that a channel is written to: always the same, so that its origins rise there. */
export function eventsPartition(topic: string, partition: number, partitions: number): number {
  const base = createHash('sha256').update(topic).digest().readUInt32BE(0);
  return (base + partition) % partitions;
}
