import { z } from 'zod';
import type { Observation } from '../../detection.js';
import { fewEvents, type FewEvent } from '../../window/few-events.js';
import { textOf } from '../../window/group.js';
import { hash53 } from '../../window/hash.js';
import { SortedWindow, type Waiting } from '../../window/sorted-window.js';
import { WalkKey } from './walk-key.js';

export const sequenceWalkSettings = z.strictObject({
  max_stride: z.int().min(1).max(1_000_000).default(1000).describe('Largest step between neighbours of a walk.'),
});

/** Numbers above it have no neighbours here. */
const mostNumber = 2 ** 39;

/** `sequence_walk`: so many ids at one fixed distance from each other within the timespan. See README.md. */
export class SequenceWalk extends SortedWindow<WalkKey> {
  readonly #maxStride = sequenceWalkSettings.parse(this.rule.settings).max_stride;
  readonly #slot = this.around.index.slot(this.rule.field!);
  readonly #few = fewEvents(this, true);

  observe(_input: number, key: number, observation: Observation): void {
    const id = walkNumber(textOf(observation.values[this.#slot] ?? this.around.host.resolve(observation, this.#slot)));
    if (id < 0) return;
    if (this.#few && !this.hasSlot(key) && this.#few.keeps(key, observation, id, this.around.watermark)) return;
    this.enqueue(key, observation, id);
  }

  adopt(key: number, events: readonly FewEvent[]): void {
    this.stateOf(key, this.around.watermark);
    for (const event of events) this.enqueue(key, event, event.value);
  }

  protected take(parts: { slot: number; state: WalkKey; event: Waiting }): void {
    const { slot, state, event } = parts;
    const { time, offset, value: id } = event;
    state.pruneOwn(time - this.rule.timespan);
    const before = state.recent.filter((other) => state.steps.has(other));
    state.see(id, { time, offset });
    const found = this.#longest(state, id, before);
    if (found.length < this.rule.threshold) return;
    const steps = runOf(state, id, found.stride).map((each) => state.steps.get(each)!);
    const first = steps.reduce((least, step) => Math.min(least, step.time), Infinity);
    const { episode, fresh } = this.episodeFrom(first, parts);
    episode.count += fresh ? steps.length : 1;
    if (!fresh) episode.first = Math.min(episode.first, first);
    for (const step of fresh ? steps : [event])
      if (episode.evidence.wants(step.time)) episode.evidence.add(this.exhibit(step.time, step.offset));
    episode.measures = { stride: found.stride, run: Math.max(found.length, episode.measures?.['run'] ?? 0) };
    this.grew(episode, slot, event);
  }

  /** The longest run through an id, and the smallest stride of such. Tried are 1 and the distances to the ids just before. */
  #longest({ steps }: WalkKey, id: number, before: readonly number[]): { readonly length: number; readonly stride: number } {
    let stride = 1;
    let length = runLength(steps, id, 1);
    for (const other of before) {
      const distance = Math.abs(id - other);
      if (distance <= 1 || distance > this.#maxStride) continue;
      const found = runLength(steps, id, distance);
      if (found < length || (found === length && distance >= stride)) continue;
      [length, stride] = [found, distance];
    }
    return { length, stride };
  }

  protected make(): WalkKey {
    return new WalkKey();
  }
}

/** How many ids lie at one distance from each other around one of them, which counts itself. */
function runLength(steps: WalkKey['steps'], id: number, stride: number): number {
  let length = 1;
  for (let at = id - stride; steps.has(at); at -= stride) length++;
  for (let at = id + stride; steps.has(at); at += stride) length++;
  return length;
}

function runOf({ steps }: WalkKey, id: number, stride: number): number[] {
  const run = [id];
  for (let at = id - stride; steps.has(at); at -= stride) run.push(at);
  for (let at = id + stride; steps.has(at); at += stride) run.push(at);
  return run;
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
