import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '#testkit';
import { Problem } from '../problem.js';
import { SweepPlaces } from './sweep-places.js';

async function* lines(amount: number): AsyncGenerator<string> {
  for (let i = 0; i < amount; i++) yield await Promise.resolve(`${i}\n`);
}

function refusal(places: SweepPlaces): unknown {
  try {
    return places.stream(lines(1));
  } catch (error) {
    return error;
  }
}

describe('places for sweeps', () => {
  it('are taken while a sweep runs, and free when it has ended', async () => {
    const places = new SweepPlaces(1, new FakeClock());
    const first = places.stream(lines(3));
    expect(places.taken).toBe(1);
    const refused = refusal(places);
    expect(refused).toBeInstanceOf(Problem);
    expect(refused).toMatchObject({ status: 429, code: 'too_many_sweeps', options: { retryAfter: 10_000 } });
    const read: string[] = [];
    for await (const line of first) read.push(String(line));
    expect(read).toEqual(['0\n', '1\n', '2\n']);
    expect(places.taken).toBe(0);
    places.stream(lines(1)).destroy();
  });

  it('are free when the reader goes away', async () => {
    const places = new SweepPlaces(1, new FakeClock());
    const first = places.stream(lines(1000));
    first.destroy();
    await once(first, 'close');
    expect(places.taken).toBe(0);
  });

  it('are free when nobody reads', async () => {
    const clock = new FakeClock();
    const places = new SweepPlaces(1, clock);
    const first = places.stream(lines(1_000_000));
    const closed = once(first, 'close');
    await clock.advance(60_000);
    expect(places.taken).toBe(1);
    await clock.advance(200_000);
    await closed;
    expect(places.taken).toBe(0);
  });
});
