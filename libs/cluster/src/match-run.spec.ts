import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rawText } from '#detection';
import { readRun, writeRun, type RunToWrite, type SentMatch } from './match-run.js';

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(undefined, null, 'again', '', 2 ** 40, -1, 0.5),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.record({ lat: fc.integer(), lon: fc.integer() }),
);
const fields = [
  { name: 'source.ip', slot: 3 },
  { name: 'url.path', slot: 1 },
];
const slotOf = (name: string): number => fields.find((field) => field.name === name)!.slot;
const units: RunToWrite['units'] = [
  ['u', ['r1', 'r2']],
  ['v', ['r3', 'r4']],
  ['w', ['r5', 'r6']],
];
const run: fc.Arbitrary<RunToWrite> = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 1, max: 5000 }),
      time: fc.integer({ min: 0, max: 2e12 }),
      stamp: fc.integer({ min: 0, max: 2e12 }),
      arrival: fc.integer({ min: 0, max: 2e12 }),
      channel: fc.constantFrom('a/0', 'b/1'),
      id: fc.string(),
      rawLine: fc.option(fc.string({ unit: 'grapheme' }).map(rawText), { nil: undefined }),
      hits: fc.array(fc.tuple(fc.nat(2), fc.nat(1)), { minLength: 1, maxLength: 3 }).map((pairs) => pairs.flat()),
      values: fc.tuple(value, value, value, value),
    }),
    { maxLength: 15 },
  )
  .map((events) => {
    let origin = 0;
    return {
      from: 2,
      // The first unit reads nothing of an event, the second the address alone.
      fields: [[], fields.slice(0, 1), fields],
      units,
      events: events.map(({ gap, ...rest }) => ({ ...rest, origin: (origin += gap) })),
      progress: { 'a/0': { clock: 9, stamp: 7 }, 'b/1': { clock: 3 } },
      channels: ['a/0', 'b/1'],
    };
  });

const named = (all: RunToWrite['units'], hits: readonly number[]): (string | undefined)[] =>
  hits.map((place, at) => (at % 2 === 0 ? all[place]![0] : all[hits[at - 1]!]![1][place]));
const json = (one: unknown): unknown => (one === undefined ? undefined : JSON.parse(JSON.stringify(one)));

it('gives back every run that was written: of each event what the units that it is for may read', () => {
  fc.assert(
    fc.property(run, (written) => {
      const read = readRun(writeRun(written), slotOf);
      expect(read).toMatchObject({ from: 2, progress: written.progress, channels: written.channels });
      expect(read.events).toHaveLength(written.events.length);
      written.events.forEach(({ rawLine, hits, values, ...event }, at) => {
        const found = read.events[at]!;
        expect(found).toMatchObject(event);
        expect(named(read.units, found.hits)).toEqual(named(units, hits));
        expect(found.line === undefined ? undefined : rawText(found.line)).toEqual(rawLine);
        for (const { name, slot } of fields) {
          const reads = hits.some((place, i) => i % 2 === 0 && written.fields[place]!.some((field) => field.name === name));
          expect(json(found.values[slot])).toEqual(reads ? json(values[slot]) : undefined);
        }
      });
    }),
  );
});

const event: SentMatch = {
  channel: 'a/0',
  id: 'e',
  rawLine: undefined,
  origin: 1,
  time: 1,
  stamp: 1,
  arrival: 1,
  hits: [1, 1],
  values: [],
};
const small = (events: readonly SentMatch[]): RunToWrite => ({
  from: 0,
  fields: [fields, fields, fields],
  units,
  events,
  progress: {},
  channels: ['a/0'],
});

it('names only the rules and fields that its events need', () => {
  const bytes = writeRun(small([{ ...event, values: [undefined, '/a'] }]));
  const read = readRun(bytes, slotOf);
  expect(read).toMatchObject({ units: [['v', ['r4']]], events: [{ hits: [0, 0] }] });
  expect(bytes.length).toBeLessThan(180);
});

it('cuts a line that is longer than what is shown, between letters', () => {
  const line = 'é"'.repeat(400);
  const [found] = readRun(writeRun(small([{ ...event, rawLine: rawText(line) }])), slotOf).events;
  expect(found!.line).toBe(line.slice(0, 512));
});

it('writes a flood in few bytes: what is alike stands once, times as differences', () => {
  const events = Array.from({ length: 1000 }, (_, at) => {
    const values = [undefined, undefined, undefined, '203.0.113.9'];
    return { ...event, id: '', values, origin: at, time: at, stamp: at, arrival: at };
  });
  expect(writeRun(small(events)).length / events.length).toBeLessThan(16);
});

it('refuses a run of another version', () => {
  expect(() => readRun(Buffer.from([9, 0, 0]), slotOf)).toThrow('version 9');
});
