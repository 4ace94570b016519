import type { FieldValue } from '#ecs';
import type { Observation } from '../detection.js';
import type { Episode } from './episode.js';
import { groupOf } from './group.js';
import type { EpisodeOwner } from './surroundings.js';

/** An episode as an event: at the time its evidence sufficed, with the values of its group and no others. */
export class EpisodeView implements Observation {
  readonly time: number;
  readonly stamp: number;
  readonly offset: number;
  readonly arrival: number;
  readonly source = '';
  readonly id: string;
  readonly values: readonly FieldValue[];

  constructor(episode: Episode, { rule, around }: EpisodeOwner) {
    this.time = this.stamp = episode.reached;
    this.offset = episode.openedBy;
    this.arrival = episode.arrival;
    this.id = episode.id;
    const values: FieldValue[] = [];
    for (const [name, value] of Object.entries(groupOf(rule.groupBy, episode.key))) values[around.index.slot(name)] = value;
    this.values = values;
  }
}
