import { describe, expect, it } from 'vitest';
import { readRun, writeRun, type SentMatch } from '#cluster';
import { placeOf, RecentRuns } from './recent-runs.js';

const event = (id: string): SentMatch => ({
  origin: 1,
  time: 5,
  stamp: 5,
  arrival: 6,
  channel: 'a/0',
  id,
  rawLine: undefined,
  hits: [0, 0],
  values: [],
});
const run = (...ids: string[]): Buffer =>
  writeRun({ from: 0, fields: [[]], units: [['u', ['d']]], channels: ['a/0'], progress: {}, events: ids.map(event) });

describe('recent runs', () => {
  it('find an event by the place of its message and its own in it', () => {
    const recent = new RecentRuns((value) => readRun(value, () => 0));
    recent.add(7n, run('one', 'two'));
    recent.add(9n, run('three'));
    const found = recent.find(placeOf(7n, 1))!;
    expect([found.run.events[found.at]?.id, recent.oldest]).toEqual(['two', 7n]);
    // Of time that passed, and of messages that never came.
    expect([recent.find(placeOf(7n, 2)), recent.find(placeOf(8n, 0))]).toEqual([undefined, undefined]);
  });

  it('forget the oldest by bytes', () => {
    const recent = new RecentRuns((value) => readRun(value, () => 0));
    recent.add(1n, run('one'));
    for (let at = 2n; at < 5n; at++) recent.add(at, Buffer.alloc(8 << 20));
    expect([recent.find(placeOf(1n, 0)), recent.oldest]).toEqual([undefined, 3n]);
  });
});
