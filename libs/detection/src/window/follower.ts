import type { FieldValue } from '#ecs';
import type { Observation } from '../detection.js';
import type { Episode } from './episode.js';
import { groupOf, type GroupReader } from './group.js';
import type { KeyedWindow } from './keyed.js';

/** A rule that reads another rule's matches or episodes. */
export interface Follower {
  readonly window: KeyedWindow;
  /** Place of the read rule among the reader's inputs. */
  readonly input: number;
  readonly reader: GroupReader;
  /** Events count only where this says so. */
  readonly gate?: Gate;
}

/** The state of a key that decides whether events count. */
export interface Gate {
  readonly window: { holds(key: number, time: number): boolean };
  readonly reader: GroupReader;
  /** What the state must be. */
  readonly when: boolean;
}

/** An episode as an event: at the time its evidence sufficed, with the values of its group and no others. */
export class EpisodeView implements Observation {
  readonly time: number;
  readonly stamp: number;
  readonly offset: number;
  readonly arrival: number;
  readonly source = '';
  readonly id: string;
  readonly values: readonly FieldValue[];

  constructor(episode: Episode, { rule, around }: KeyedWindow) {
    this.time = this.stamp = episode.reached;
    this.offset = episode.openedBy;
    this.arrival = episode.arrival;
    this.id = episode.id;
    const values: FieldValue[] = [];
    for (const [name, value] of Object.entries(groupOf(rule.groupBy, episode.key))) values[around.index.slot(name)] = value;
    this.values = values;
  }
}

/** Whether an event does not count because of the state of its key. */
export function isShut({ window, reader, when }: Gate, observation: Observation): boolean {
  const key = reader.read(observation);
  return (key >= 0 && window.holds(key, observation.time)) !== when;
}
