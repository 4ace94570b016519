import { z } from 'zod';
import type { Observation } from '../../detection.js';
import { textOf } from '../../window/group.js';
import { hash53 } from '../../window/hash.js';
import { SortedWindow, type Waiting } from '../../window/sorted-window.js';
import { WalkKey } from './walk-key.js';

export const sequenceWalkSettings = z.strictObject({
  max_stride: z.int().min(1).max(1_000_000).default(1000).describe('Largest step between neighbours of a walk.'),
});

/** Ids before the one at hand whose distance is tried as a stride. */
const recentIds = 8;
/** Numbers above it have no neighbours here. */
const mostNumber = 2 ** 39;

/** `sequence_walk`: so many ids at one fixed distance from each other within the timespan. See README.md. */
export class SequenceWalk extends SortedWindow<WalkKey> {
  readonly #maxStride = sequenceWalkSettings.parse(this.rule.settings).max_stride;
  readonly #slot = this.around.index.slot(this.rule.field!);

  observe(_input: number, key: number, observation: Observation): void {
    const id = walkNumber(textOf(observation.values[this.#slot] ?? this.around.host.resolve(observation, this.#slot)));
    if (id >= 0) this.enqueue(key, observation, id);
  }

  protected take(parts: { slot: number; state: WalkKey; event: Waiting }): void {
    const { slot, state, event } = parts;
    const { time, offset, value: id } = event;
    state.pruneOwn(time - this.rule.timespan);
    const strides = this.#strides(state, id);
    state.see(id, { time, offset });
    const found = this.#longest(state, id, strides);
    if (found.run.length < this.rule.threshold) return;
    const steps = found.run.map((each) => state.steps.get(each)!);
    const first = steps.reduce((least, step) => Math.min(least, step.time), Infinity);
    const { episode, fresh } = this.episodeFrom(first, parts);
    episode.count += fresh ? steps.length : 1;
    if (!fresh) episode.first = Math.min(episode.first, first);
    for (const step of fresh ? steps : [event])
      if (episode.evidence.wants(step.time)) episode.evidence.add(this.exhibit(step.time, step.offset));
    episode.measures = { stride: found.stride, run: Math.max(found.run.length, episode.measures?.['run'] ?? 0) };
    this.grew(episode, slot, event);
  }

  /** Distances worth trying: 1, and those to the ids just before. */
  #strides(state: WalkKey, id: number): Set<number> {
    const strides = new Set([1]);
    const ids = [...state.steps.keys()].slice(-recentIds);
    for (const other of ids) {
      const distance = Math.abs(id - other);
      if (distance > 0 && distance <= this.#maxStride) strides.add(distance);
    }
    return strides;
  }

  #longest({ steps }: WalkKey, id: number, strides: ReadonlySet<number>): { run: number[]; stride: number } {
    let best: { run: number[]; stride: number } = { run: [], stride: 0 };
    for (const stride of strides) {
      const run = [id];
      for (let at = id - stride; steps.has(at); at -= stride) run.push(at);
      for (let at = id + stride; steps.has(at); at += stride) run.push(at);
      if (run.length > best.run.length || (run.length === best.run.length && stride < best.stride)) best = { run, stride };
    }
    return best;
  }

  protected make(): WalkKey {
    return new WalkKey();
  }
}

/**
 * The number at the end of an id, −1 if it has none; ids with different texts before it are far from each other: INV-0017 is near INV-0018 and not near
 * ORD-0018.
 */
export function walkNumber(id: string): number {
  if (id.length > 64) return -1;
  let at = id.length;
  while (at > 0 && id.charCodeAt(at - 1) >= 48 && id.charCodeAt(at - 1) <= 57) at--;
  if (at === id.length || id.length - at > 15) return -1;
  const number = Number(id.slice(at));
  if (number >= mostNumber) return -1;
  return at === 0 ? number : number + (1 + (hash53(id.slice(0, at)) % 8190)) * 2 * mostNumber;
}
