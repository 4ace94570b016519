import type { ByteReader, ByteWriter } from '../../window/bytes.js';
import { Episode } from '../../window/episode.js';
import type { KeyState } from '../../window/object-window.js';

/** Occurrences kept per key. Beyond it, one that stands between two of the same input is counted to its neighbour. */
const most = 64;

/** A match (`from` = `to`), or an episode of another rule: it holds from the time its evidence sufficed to its last event. */
export interface Occurrence {
  readonly input: number;
  from: number;
  to: number;
  readonly offset: number;
  /** Id of the episode; empty for a match. */
  readonly episode: string;
  /** Matches it stands for. */
  weight: number;
  /** Ids of this rule's episodes that it takes part in: one for a match; an episode can be long enough to take part in several. */
  takenBy: string[];
}

/** Shared by all keys that have none: an array of its own would cost as much as the first occurrence. Never written to. */
const noOccurrences: Occurrence[] = [];
const noEpisodes: readonly Episode[] = [];

export class TemporalKey implements KeyState {
  occurrences = noOccurrences;
  episodes = noEpisodes;
  closing = Infinity;

  add(occurrence: Occurrence): void {
    const { occurrences } = this;
    if (occurrences.length === 0) {
      // In exact room: most keys have one.
      this.occurrences = [occurrence];
      return;
    }
    let at = occurrences.length;
    while (at > 0 && isBefore(occurrence, occurrences[at - 1]!)) at--;
    occurrences.splice(at, 0, occurrence);
  }

  /** Holds the cap. */
  thin(): void {
    while (this.occurrences.length > most) {
      const { occurrences } = this;
      const at = occurrences.findIndex((own, i) => isBetweenEquals(occurrences[i - 1], own, occurrences[i + 1]));
      if (at > 0) occurrences[at - 1]!.weight += occurrences[at]!.weight;
      occurrences.splice(Math.max(at, 0), 1);
    }
  }

  prune(horizon: number): number {
    let newest = -Infinity;
    for (const { to } of this.occurrences) newest = Math.max(newest, to);
    if (this.occurrences.some(({ to }) => to < horizon)) this.occurrences = this.occurrences.filter(({ to }) => to >= horizon);
    return this.occurrences.length ? newest : -Infinity;
  }

  write(into: ByteWriter): void {
    into.whole(this.occurrences.length);
    for (const { input, from, to, offset, episode, weight, takenBy } of this.occurrences) {
      into.whole(input);
      into.number(from);
      into.number(to - from);
      into.whole(offset);
      into.text(episode);
      into.whole(weight);
      into.whole(takenBy.length);
      for (const id of takenBy) into.text(id);
    }
    into.whole(this.episodes.length);
    for (const episode of this.episodes) episode.write(into);
  }

  read(from: ByteReader): void {
    this.occurrences = Array.from({ length: from.whole() }, () => {
      const input = from.whole();
      const start = from.number();
      const to = start + from.number();
      const offset = from.whole();
      const episode = from.text();
      const weight = from.whole();
      return { input, from: start, to, offset, episode, weight, takenBy: Array.from({ length: from.whole() }, () => from.text()) };
    });
    this.episodes = Array.from({ length: from.whole() }, () => new Episode().read(from));
  }
}

function isBefore(one: Occurrence, other: Occurrence): boolean {
  return one.from < other.from || (one.from === other.from && one.offset < other.offset);
}

function isBetweenEquals(left: Occurrence | undefined, own: Occurrence, right: Occurrence | undefined): boolean {
  if (!left || !right || own.episode || left.episode || right.episode) return false;
  return left.input === own.input && right.input === own.input && left.takenBy[0] === own.takenBy[0];
}
