import { describe, expect, it } from 'vitest';
import { HeldClock } from './held-clock.js';

describe('the clock of a windows task', () => {
  it('stands still until every channel was heard of', () => {
    const clock = new HeldClock(['a', 'b'], {});
    expect(clock.reach('a', { clock: 100, stamp: 50 })).toBe(50);
    expect(clock.value).toBeUndefined();
    expect([clock.at(70), clock.at(90)]).toEqual([70, 70]);
    clock.reach('b', { clock: 80 });
    expect([clock.value, clock.at(90)]).toEqual([80, 80]);
  });

  it('goes as far as the slowest channel and never back', () => {
    const clock = new HeldClock(['a', 'b'], { a: { clock: 10 }, b: { clock: 10 } });
    clock.reach('a', { clock: 50 });
    expect(clock.value).toBe(10);
    clock.reach('b', { clock: 30 });
    expect(clock.value).toBe(30);
    clock.know(['c']);
    clock.reach('c', { clock: 20 });
    expect(clock.value).toBe(30);
  });

  it('takes nothing from a progress that is older, as a zombie sends it', () => {
    const clock = new HeldClock(['a'], {});
    clock.reach('a', { clock: 50, stamp: 40 });
    expect(clock.reach('a', { clock: 20, stamp: 10 })).toBeUndefined();
    expect(clock.saved()).toEqual({ a: { clock: 50, stamp: 40 } });
  });

  it('goes on from what was saved', () => {
    const clock = new HeldClock(['a'], { a: { clock: 50, stamp: 40 } });
    expect([clock.value, clock.channels]).toEqual([50, ['a']]);
  });
});
