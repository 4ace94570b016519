import { describe, expect, it } from 'vitest';
import type { HeardChunk } from '#cluster';
import { buildDetector, defaultDetectorSettings, loadRules, ruleTypes, type DetectorSettings, type Observation } from '#detection';
import { FieldIndex, type FieldValue, type Signal } from '#ecs';
import type { PackedEntry } from '#stream';
import { DataVersions } from './data-versions.js';
import { Hearing } from './hearing.js';
import { Counted, UnitDetectors } from './unit-detectors.js';

const minute = 60_000;
const start = Date.UTC(2026, 0, 15);
const index = new FieldIndex();
const rule = (name: string, field: string): string =>
  `title: ${name}\nid: 5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c0${name}\nname: r${name}\nlogsource: { category: webserver }\ndetection:\n  a: { ${field}: x }\n  condition: a\n---\n`;
const { rules } = loadRules([{ file: 'r.yml', text: rule('01', 'url.path') + rule('02', 'user.name') }], { index, ruleTypes });
const watch = { silence: { atLeast: 5 * minute, factor: 3, learning: 30 * minute } };
const sources = ['web', 'sso'];
const general: DetectorSettings = { ...defaultDetectorSettings, grace: () => minute };

const event = (at: number, source: string, offset: number): Observation => {
  const values: FieldValue[] = [];
  values[index.slot(source === 'web' ? 'url.path' : 'user.name')] = 'y';
  const time = start + at * minute;
  return { time, stamp: time, offset, arrival: time + 500, source, id: `e${offset}`, values };
};
/** Each source speaks every half minute, one of them no longer than for an hour. */
const day = Array.from({ length: 160 }, (_, at) => at / 2).flatMap((at) => (at < 60 ? sources : ['web']).map((source) => ({ at, source })));
const silences = (signals: readonly Signal[]): unknown[] => {
  const newest = new Map(signals.map((signal) => [signal.id, signal]));
  return [...newest.values()]
    .filter((signal) => signal.rule.id === 'gatewatch-detector-silence')
    .map(({ group, reason, status }) => [group, status, /blind now: [^;]*/.exec(reason)?.[0]]);
};

/** One detector that observes everything. */
function undivided(): { signals: Signal[]; sources: unknown } {
  const host = { resolve: ({ values }: Observation, slot: number) => values[slot], line: () => undefined };
  const detector = buildDetector({ rules, index, host, settings: { ...general, watch } });
  const signals: Signal[] = [];
  day.forEach(({ at, source }, offset) => {
    detector.observe(event(at, source, offset));
    detector.tick(start + at * minute + 1000);
    signals.push(...detector.changes());
  });
  return { signals, sources: detector.coverage()?.sources };
}

/** What hears of the same from messages of one event each; saved and built anew after so many of them. */
function divided(restartAfter: number): { signals: Signal[]; saved: Map<string, Uint8Array> } {
  const settings = { ...general, sources: ['a/0', 'b/0'] };
  const saved = new Map<string, Uint8Array>();
  const store = {
    put: (key: string, value: Uint8Array) => saved.set(key, Uint8Array.from(value)),
    remove: (key: string) => saved.delete(key),
  };
  const build = (): UnitDetectors =>
    new UnitDetectors({
      units: [],
      index,
      settings,
      saved: new Map(
        [...saved].map(([key, bytes]): [string, PackedEntry] => [
          key,
          { key, bytes: Buffer.from(bytes), from: 0, to: bytes.length, removes: false },
        ]),
      ),
      recall: () => undefined,
      watch: { rules, settings: watch },
    });
  let hearing = new Hearing(general.grace, {});
  let detectors = build();
  const signals: Signal[] = [];
  day.forEach(({ at, source }, offset) => {
    const seen = event(at, source, offset);
    const channel = source === 'web' ? 'a/0' : 'b/0';
    hearing.begin({ origin: offset, channel, source });
    hearing.event(seen, offset);
    const chunk: HeardChunk = JSON.parse(JSON.stringify(hearing.end(index, [])));
    detectors.heard(chunk, offset);
    const passed = { time: seen.time, stamp: seen.time, channel, id: '', line: undefined, values: [] };
    detectors.pass(new Counted(passed, offset, seen.arrival));
    detectors.tick(start + at * minute + 1000);
    signals.push(...detectors.changes());
    if (offset % restartAfter !== restartAfter - 1) return;
    detectors.saveAgain(Infinity);
    saved.clear();
    detectors.save(store);
    hearing = new Hearing(general.grace, hearing.saved());
    detectors = build();
  });
  detectors.saveAgain(Infinity);
  detectors.save(store);
  return { signals, saved };
}

describe('sources that are watched over from what messages say of them', () => {
  it('fall silent as for one detector that observes everything, with the rules that are blind, and restarts change nothing', () => {
    const expected = undivided();
    expect(silences(expected.signals)).toEqual([[{ 'gatewatch.source.name': 'sso' }, 'open', 'blind now: 2']]);
    for (const restartAfter of [1, 7, 1000]) expect(silences(divided(restartAfter).signals)).toEqual(silences(expected.signals));
  });

  it('have the minutes that one detector evaluated in the ledger, which every round of saving holds', () => {
    const { sources: expected } = undivided();
    for (const restartAfter of [5, 1000]) {
      const ledger = JSON.parse(Buffer.from(divided(restartAfter).saved.get('watch/coverage')!).toString()) as {
        sources: Record<string, { minutes: [number, number][] }>;
        rules: object;
      };
      expect(Object.keys(ledger.rules)).toHaveLength(2);
      const ranges = Object.entries(ledger.sources).map(([source, { minutes }]) => ({ source, ranges: minutes }));
      // The last minute ends behind the watermark, where a report is cut off.
      const begun = (some: unknown): unknown[] =>
        (some as { source: string; ranges: number[][] }[]).map(({ source, ranges: [first] }) => [source, first![0]]);
      expect(begun(ranges)).toEqual(begun(expected));
    }
  });

  it('count what is late by the clock of its own channel, and each event of a message once', () => {
    const hearing = new Hearing(() => minute, {});
    hearing.begin({ origin: 1, channel: 'a/0', source: 'web' });
    for (const at of [10, 10.01, 8, 9.5]) hearing.event(event(at, 'web', 0), 0);
    const { minutes, fields } = hearing.end(index, [])!;
    expect(fields).toEqual(['url.path']);
    expect(minutes.map(({ count, late }) => [count, late])).toEqual([
      [2, 0],
      [1, 1],
      [1, 0],
    ]);
    hearing.begin({ origin: 2, channel: 'a/0', source: 'web' });
    expect(hearing.end(index, [])).toBeUndefined();
  });
});

describe('versions of data', () => {
  it('are all told, sorted, while readers differ', () => {
    const data = new DataVersions({ 'a/0': { geoip: '2026-10-01' } });
    data.set('b/0', { geoip: '2026-11-01', feeds: 'x' });
    expect(data.merged()).toEqual({ feeds: 'x', geoip: '2026-10-01, 2026-11-01' });
    data.set('a/0', { geoip: '2026-11-01' });
    expect(data.merged()).toEqual({ feeds: 'x', geoip: '2026-11-01' });
    expect(new DataVersions({}).merged()).toBeUndefined();
  });
});
