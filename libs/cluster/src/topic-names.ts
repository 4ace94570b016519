import { createHash } from 'node:crypto';

/** Names of the topics of one installation. */
export interface TopicNames {
  /** ECS documents, several lines a message. */
  readonly events: string;
  readonly deadLetters: string;
  /** Matches by group key, with the progress of time. */
  readonly matches: string;
  /** Every revision of every signal. */
  readonly signals: string;
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
    state: (stage, topic) => `${prefix}.state.${stage}.${topic.startsWith(`${prefix}.`) ? topic.slice(prefix.length + 1) : topic}`,
  };
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
