import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FewEvents, type FewEvent } from './few-events.js';
import { KeyTable } from './key-table.js';

const grace = 20;

interface Story {
  readonly threshold: number;
  readonly timespan: number;
  readonly most: number;
  readonly events: readonly { readonly key: string; readonly ahead: number; readonly early: number; readonly drops: boolean }[];
}

const stories: fc.Arbitrary<Story> = fc.record({
  threshold: fc.integer({ min: 3, max: 6 }),
  timespan: fc.integer({ min: 0, max: 60 }),
  most: fc.constantFrom(2, 5, 100, 1000),
  events: fc.array(
    fc.record({
      key: fc.constantFrom(...'abcdefghijklmnop'),
      ahead: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 12 })),
      early: fc.integer({ min: 0, max: grace }),
      drops: fc.boolean(),
    }),
    { maxLength: 250 },
  ),
});

/** A window that does nothing but hold keys, and the list before it, beside plain lists of all events. */
class Pair {
  readonly keys = new KeyTable();
  readonly held = new Map<number, readonly FewEvent[]>();
  readonly few: FewEvents;
  /** By text of the key: the events that the window has to hear of once it has the key. */
  readonly plain = new Map<string, FewEvent[]>();
  watermark = -Infinity;

  constructor(readonly story: Story) {
    const { threshold, timespan, most } = story;
    const adopt = (key: number, events: readonly FewEvent[]): void => {
      expect(this.held.has(key)).toBe(false);
      this.keys.hold(key);
      this.held.set(key, events);
    };
    this.few = new FewEvents({ rule: { threshold, timespan }, keys: this.keys, adopt }, true, most);
  }

  /** The adopted events of a key are those that it had within the timespan, as they came. */
  expectWhole(id: number): void {
    const text = this.keys.text(id);
    const due = this.plain.get(text)!.filter(({ time }) => time >= this.watermark - this.story.timespan);
    expect(this.held.get(id)).toEqual(due);
    this.plain.delete(text);
  }

  take(text: string, event: FewEvent): void {
    const { threshold, timespan, most } = this.story;
    const id = this.keys.id(text);
    const heldBefore = new Set(this.held.keys());
    if (heldBefore.has(id)) return;
    const own = this.plain.get(text) ?? [];
    this.plain.set(text, own);
    const due = own.filter(({ time }) => time >= this.watermark - timespan).length;
    const waits = this.few.keeps(id, event, event.value, this.watermark);
    for (const key of this.held.keys()) if (!heldBefore.has(key)) this.expectWhole(key);
    expect(waits).toBe(!this.held.has(id));
    if (waits) {
      own.push(event);
      expect(due + 1).toBeLessThan(threshold);
    } else if (most === 1000) {
      // Nothing was given up for want of room; what is too old may wait behind what is not, and count.
      expect(own.length + 1).toBeGreaterThanOrEqual(threshold);
    }
  }

  drop(id: number): void {
    this.held.delete(id);
    this.keys.release(id);
  }
}

function tell(pair: Pair): void {
  let clock = 0;
  pair.story.events.forEach(({ key, ahead, early, drops }, offset) => {
    clock += ahead;
    pair.watermark = clock - grace;
    pair.take(key, { time: clock - early, offset, id: `event-${offset}`, value: offset % 3 });
    const [oldest] = pair.held.keys();
    if (drops && oldest !== undefined) pair.drop(oldest);
  });
}

describe('the list of events of keys that have few', () => {
  it('gives a window every event that it would have had within the timespan, in the order of arrival', () => {
    fc.assert(
      fc.property(stories, (story) => tell(new Pair(story))),
      { numRuns: 1000 },
    );
  });

  it('holds no key for longer than its events count', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const pair = new Pair(story);
        tell(pair);
        for (const id of [...pair.held.keys()]) pair.drop(id);
        const end = pair.watermark + 1000 + story.timespan;
        pair.watermark = end;
        pair.take('last', { time: end, offset: 1000, id: 'event-1000', value: 0 });
        expect(pair.keys.size).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  it('hands over the key of the oldest event when it is full', () => {
    const pair = new Pair({ threshold: 3, timespan: 1000, most: 2, events: [] });
    pair.watermark = 0;
    const event = (offset: number): FewEvent => ({ time: offset, offset, id: `event-${offset}`, value: 0 });
    ['a', 'b', 'c'].forEach((key, offset) => pair.take(key, event(offset)));
    expect([...pair.held].map(([id, events]) => [pair.keys.text(id), events.length])).toEqual([['a', 1]]);
    pair.take('b', event(3));
    expect([...pair.held].map(([id, events]) => [pair.keys.text(id), events.length])).toEqual([['a', 1], ['b', 1]]); // prettier-ignore
  });
});
