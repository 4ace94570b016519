import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRun, writeRun, type MatchRun } from './match-run.js';

const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(undefined), fc.array(fc.string(), { maxLength: 3 }));
const run: fc.Arbitrary<MatchRun> = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 1, max: 5000 }),
      time: fc.integer({ min: 0, max: 2e12 }),
      stamp: fc.integer({ min: 0, max: 2e12 }),
      arrival: fc.integer({ min: 0, max: 2e12 }),
      channel: fc.constantFrom('a/0', 'b/1'),
      id: fc.string(),
      line: fc.option(fc.string(), { nil: undefined }),
      hits: fc.array(fc.tuple(fc.nat(2), fc.nat(1)), { minLength: 1, maxLength: 3 }).map((pairs) => pairs.flat()),
      values: fc.tuple(value, value),
    }),
    { maxLength: 15 },
  )
  .map((events) => {
    let origin = 0;
    return {
      from: 2,
      fields: ['source.ip', 'url.path'],
      units: [
        ['u', ['r1', 'r2']],
        ['v', ['r3', 'r4']],
        ['w', ['r5', 'r6']],
      ],
      events: events.map(({ gap, ...rest }) => ({ ...rest, origin: (origin += gap) })),
      progress: { 'a/0': { clock: 9, stamp: 7 }, 'b/1': { clock: 3 } },
      channels: ['a/0', 'b/1'],
    };
  });

/** What a run says, whatever the places of units, detections and fields in its tables. */
function said({ fields, units, events, ...rest }: MatchRun): object {
  return {
    ...rest,
    events: events.map(({ hits, values, ...event }) => ({
      ...event,
      hits: hits.map((place, at) => (at % 2 === 0 ? units[place]![0] : units[hits[at - 1]!]![1][place])),
      values: Object.fromEntries(fields.flatMap((name, at) => (values[at] === undefined ? [] : [[name, values[at]]]))),
    })),
  };
}

it('gives back every run that was written', () => {
  fc.assert(
    fc.property(run, (written) => {
      expect(said(readRun(writeRun(written)))).toEqual(said(written));
    }),
  );
});

it('names only the rules and fields that its events need', () => {
  const event = {
    channel: 'a/0',
    id: 'e',
    line: undefined,
    origin: 1,
    time: 1,
    stamp: 1,
    arrival: 1,
    hits: [1, 1],
    values: [undefined, '/a'],
  };
  const written: MatchRun = {
    from: 0,
    fields: ['source.ip', 'url.path'],
    units: [
      ['u', ['r1']],
      ['v', ['r2', 'r3']],
    ],
    events: [event],
    progress: {},
    channels: ['a/0'],
  };
  expect(readRun(writeRun(written))).toMatchObject({
    fields: ['url.path'],
    units: [['v', ['r3']]],
    events: [{ hits: [0, 0], values: ['/a'] }],
  });
});

it('writes a flood in few bytes: what is alike stands once, times as differences', () => {
  const event = { channel: 'a/0', id: '', line: undefined, hits: [0, 0], values: ['203.0.113.9'] };
  const events = Array.from({ length: 1000 }, (_, at) => ({ ...event, origin: at, time: at, stamp: at, arrival: at }));
  const bytes = writeRun({ from: 0, fields: ['source.ip'], units: [['u', ['r1']]], events, progress: {}, channels: ['a/0'] }).length;
  expect(bytes / events.length).toBeLessThan(40);
});
