import { describe, expect, it } from 'vitest';
import { FieldIndex, type FieldValue, type Signal } from '#ecs';
import type { Detector, Host, Observation, StateReader, StateWriter } from '../detection.js';
import { buildDetector } from '../detector.js';
import { defaultDetectorSettings } from '../detector-settings.js';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from '../sigma/load-rules.js';
import { readCoverage } from './watchdog.js';

const minute = 60_000;
const start = Date.UTC(2026, 0, 15);
const index = new FieldIndex();
const host: Host = { resolve: (event, slot) => event.values[slot], line: () => undefined };
const rule = (name: string, field: string, value = 'x'): string =>
  `title: ${name}\nid: 5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c0${name}\nname: r${name}\nlogsource: { category: webserver }\ndetection:\n  a: { ${field}: ${value} }\n  condition: a\n---\n`;

class Memory implements StateReader, StateWriter {
  readonly kept = new Map<string, Uint8Array>();
  entries(): Iterable<readonly [string, Uint8Array]> {
    return [...this.kept];
  }
  put(key: string, value: Uint8Array): void {
    this.kept.set(key, Uint8Array.from(value));
  }
  remove(key: string): void {
    this.kept.delete(key);
  }
}

function run(text = rule('01', 'url.path') + rule('02', 'user.name')) {
  const state = new Memory();
  const silence = { atLeast: 5 * minute, factor: 3, learning: 30 * minute };
  let texts = text;
  const build = (): Detector => {
    const { rules, problems } = loadRules([{ file: 'r.yml', text: texts }], { index, ruleTypes });
    expect(problems).toEqual([]);
    return buildDetector({ rules, index, host, state, settings: { ...defaultDetectorSettings, grace: () => minute, watch: { silence } } });
  };
  let detector = build();
  let offset = 0;
  let signals = new Map<string, Signal>();
  const take = (): void => {
    for (const signal of detector.changes()) signals.set(signal.id, signal);
  };
  const play = {
    at: (at: number): number => start + at * minute,
    event(at: number, source: string, fields: Record<string, FieldValue>, arrival = at): void {
      const values: FieldValue[] = [];
      for (const [name, value] of Object.entries(fields)) values[index.slot(name)] = value;
      const time = start + at * minute;
      const one: Observation = { time, stamp: time, offset: offset++, arrival: start + arrival * minute, source, id: `e${offset}`, values };
      detector.observe(one);
      take();
    },
    tick(at: number): void {
      detector.tick(start + at * minute);
      take();
    },
    /** Both sources speak every half minute, one has paths and the other users. */
    both(from: number, to: number, sources = ['web', 'sso']): void {
      for (let at = from; at < to; at += 0.5) {
        play.tick(at);
        if (sources.includes('web')) play.event(at, 'web', { 'url.path': '/ok' });
        if (sources.includes('sso')) play.event(at, 'sso', { 'user.name': 'ann' });
      }
    },
    restart(other = texts): void {
      detector.save(state);
      texts = other;
      detector = build();
    },
    silence: (): Signal[] => [...signals.values()].filter((signal) => signal.rule.id === 'gatewatch-detector-silence'),
    coverage: (query = {}) => detector.coverage(query),
    saved: (query = {}) => {
      detector.save(state);
      return readCoverage(state, query);
    },
  };
  signals = new Map();
  return play;
}

describe('a source that falls silent', () => {
  it('is told with the rules that are blind without it, and no longer when it is back', () => {
    const play = run();
    play.both(0, 60);
    play.both(60, 75, ['web']);
    const [told, ...more] = play.silence();
    expect(more).toEqual([]);
    expect(told).toMatchObject({ status: 'open', group: { 'gatewatch.source.name': 'sso' } });
    expect(told?.reason).toMatch(/^no events for \d+m.*, longest pause of the day before 30s; blind now: 2; source sso/);
    play.both(75, 90);
    expect(play.silence()).toMatchObject([{ id: told?.id, status: 'closed' }]);
    const holes = play.coverage({ rule: 'r02' })?.rules[0]?.holes;
    expect(holes).toMatchObject([{ reason: 'source_silent', source: 'sso', from: play.at(59.5) }]);
    expect(play.coverage({ rule: 'r01' })?.rules[0]?.holes).toEqual([]);
  });

  it('is not told of one that was never regular, nor of one that pauses as it always did', () => {
    const play = run();
    for (let at = 0; at < 20; at++) play.event(at, 'rare', { 'user.name': 'x' });
    play.both(20, 90, ['web']);
    expect(play.silence()).toEqual([]);
  });

  it('is not told because nobody was there to listen', () => {
    const play = run();
    play.both(0, 60);
    play.restart();
    play.both(180, 200);
    expect(play.silence()).toEqual([]);
  });

  it('gives the same signals whether or not the detector was restarted on the way', () => {
    const stories = [[], [30], [66.5, 70], [62, 68, 80]].map((cuts) => {
      const play = run();
      let from = 0;
      for (const cut of [...cuts, 90]) {
        for (let at = from; at < cut; at += 0.5) play.both(at, at + 0.5, at >= 60 && at < 76 ? ['web'] : undefined);
        from = cut;
        if (cut < 90) play.restart();
      }
      return { silence: play.silence(), coverage: play.coverage() };
    });
    for (const story of stories) expect(story).toEqual(stories[0]);
    expect(stories[0]?.silence).toHaveLength(1);
  });
});

describe('the ledger of what was evaluated', () => {
  it('has no hole where all went well, and reads the same from the saved state', () => {
    const play = run();
    play.both(0, 30);
    const report = play.coverage();
    expect(report).toMatchObject({
      from: play.at(0),
      watermark: play.at(28.5),
      rules: [
        { name: 'r01', holes: [] },
        { name: 'r02', holes: [] },
      ],
    });
    expect(play.saved()).toEqual(report);
  });

  it('shows a rule that came later or changed, time that is not evaluated yet, and late events', () => {
    const play = run(rule('01', 'url.path'));
    play.both(0, 30);
    play.restart(rule('01', 'url.path', 'y') + rule('02', 'user.name'));
    play.both(30, 60);
    play.event(40, 'web', { 'url.path': '/late' }, 60);
    const report = play.coverage({ to: play.at(70) });
    const late = { reason: 'late', source: 'web', count: 1, from: play.at(40), to: play.at(41) };
    expect(report?.rules).toMatchObject([
      {
        name: 'r01',
        versions: [
          { from: play.at(0), to: play.at(28.5) },
          { from: play.at(28.5), to: play.at(58.5) },
        ],
        holes: [late, { reason: 'not_yet', from: play.at(58.5) }],
      },
      { name: 'r02', holes: [{ reason: 'not_in_force', from: play.at(0), to: play.at(28.5) }, late, { reason: 'not_yet' }] },
    ]);
  });

  it('shows down time, unless its records were read afterwards', () => {
    const missed = run();
    missed.both(0, 30);
    missed.restart();
    missed.both(60, 90);
    expect(missed.coverage()?.rules[0]?.holes).toMatchObject([{ reason: 'down', from: missed.at(30), to: missed.at(60) }]);
    const caughtUp = run();
    caughtUp.both(0, 30);
    caughtUp.restart();
    for (let at = 30; at < 60; at += 0.5) caughtUp.event(at, 'web', { 'url.path': '/x' }, 60);
    caughtUp.both(60, 90);
    expect(caughtUp.coverage()?.rules[0]?.holes).toEqual([]);
  });

  it('does not grow with traffic', () => {
    const play = run();
    for (let at = 0; at < 20_000; at += 3) play.event(at, 'web', { 'url.path': '/x' });
    expect(JSON.stringify(play.saved()).length).toBeLessThan(200_000);
  });
});
