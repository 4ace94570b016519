import type { Level, SignalRule } from '#ecs';
import type { Host, SlotIndex } from '../detection.js';
import type { Episode } from './episode.js';
import type { EntityFields } from './evidence.js';
import { hash53 } from './hash.js';
import type { RecentEvents } from './recent.js';

/** One rule as a window sees it: a correlation, or the implicit `event_count gte 1` of a detection that generates. */
export interface WindowRule {
  readonly rule: SignalRule;
  readonly type: string;
  readonly groupBy: readonly string[];
  readonly timespan: number;
  readonly threshold: number;
  readonly field?: string;
  readonly otherFields?: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly inputs: readonly { readonly id: string; readonly title: string; readonly level: Level; readonly tags: readonly string[] }[];
  readonly generates: boolean;
}

/** What all windows of a detector share. */
export interface Surroundings {
  readonly host: Host;
  readonly index: SlotIndex;
  readonly recent: RecentEvents;
  readonly maxKeys: number;
  /** Keys of a rule that have an object each; above it those that were left alone for longest are kept as bytes. */
  readonly mostAwake: number;
  /** False: nothing will be saved, so nobody need remember what changed. */
  readonly durable: boolean;
  /** Where the event time stands, and the arrival time of the record at hand. */
  watermark: number;
  arrival: number;
  /** Nothing is due before the watermark passes this. */
  nextDue: number;
  /** Episodes that changed since they were last asked for, with their windows. */
  readonly changes: { readonly window: EpisodeOwner; readonly episode: Episode }[];
  /** A rule gave up a key because it had too many. */
  evicted(rule: SignalRule): void;
}

/** The window of an episode, as far as telling the episode asks for it. */
export interface EpisodeOwner {
  readonly rule: WindowRule;
  readonly around: Surroundings;
  readonly entities: EntityFields;
}

/** Begins the state keys of a rule: another version of it starts anew. */
export function statePrefix({ rule, type }: WindowRule): string {
  return `key/${hash53(JSON.stringify([rule.id, rule.version, type])).toString(36)}/`;
}
