import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FieldIndex, type Signal } from '#ecs';
import type { Detector, Host, Observation, StateReader, StateWriter } from '../detection.js';
import { buildDetector } from '../detector.js';
import { defaultDetectorSettings } from '../detector-settings.js';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from '../sigma/load-rules.js';
import { readRuleFiles } from '../sigma/read-rule-files.js';
import type { RuleSet } from '../sigma/rule.js';
import { readCaseFile, type CaseFile, type RuleCase } from './case-file.js';
import { arrivals, happenings } from './timeline.js';

/** One case in one variant. */
export interface CaseResult {
  readonly name: string;
  readonly variant: string;
  readonly problem?: string;
}

/** What the cases of one rule folder gave. */
export interface CaseReport {
  readonly cases: readonly RuleCase[];
  /** Runs: each case in each variant. */
  readonly runs: number;
  readonly results: readonly CaseResult[];
  /** One sentence for each thing that is not as expected; empty when all is well. */
  readonly problems: readonly string[];
}

/** Later than its neighbours by less than the grace of two minutes. */
const spread = 100_000;
interface Variant {
  readonly name: string;
  readonly spread?: number;
  /** Every third event arrives this much later than it happened. */
  readonly delay?: number;
  readonly restarts?: number;
  /** Events observed and lost again before each restart: what a crash leaves undone, so that they are read twice. */
  readonly lost?: number;
  /** Events come from so many sources in turn: the watermark is the least of theirs. */
  readonly sources?: number;
  /** Between them stand events of others that match nothing. */
  readonly foreign?: boolean;
}
const variants: readonly Variant[] = [
  { name: 'in order' },
  { name: 'shuffled within grace', spread },
  { name: 'delayed within grace', delay: 110_000 },
  { name: 'cut by restarts', restarts: 5 },
  { name: 'read twice after crashes', spread, restarts: 3, lost: 7 },
  { name: 'split over sources', spread, sources: 3 },
  { name: 'among foreign events, split and restarted', spread, sources: 2, foreign: true, restarts: 4 },
];
/** Above the first a timeline is played in order and in the variant that has all of it at once, above the second in order only: smaller ones show the rest. */
const largeTimelines = [5_000, 20_000] as const;
const variantsFor = (events: number): readonly Variant[] =>
  events > largeTimelines[1] ? variants.slice(0, 1) : events > largeTimelines[0] ? [variants[0]!, variants.at(-1)!] : variants;

/**
 * Runs the `cases.yml` of a rule folder: every timeline in order, shuffled and delayed within grace, cut by restarts, and read twice after crashes. All must
 * give the signals that the case names and no other of the folder's rules.
 */
export function runCases(folder: string): CaseReport {
  const file = join(folder, 'cases.yml');
  if (!existsSync(file)) return { cases: [], runs: 0, results: [], problems: [`${file} is missing`] };
  const read = readCaseFile(readFileSync(file, 'utf8'));
  if ('problems' in read) return { cases: [], runs: 0, results: [], problems: read.problems.map((problem) => `${file}: ${problem}`) };
  const index = new FieldIndex();
  const loaded = load(folder, read.cases, index);
  if (loaded.problems.length) return { cases: read.cases.cases, runs: 0, results: [], problems: loaded.problems };
  const problems: string[] = [];
  const results: CaseResult[] = [];
  for (const one of read.cases.cases) {
    problems.push(...claims(one, loaded.own));
    const events = happenings(one, read.cases, index);
    for (const variant of variantsFor(events.length)) {
      const split = splitOver(variant.sources ?? 1, arrivals(events, variant));
      const observations = variant.foreign ? amongForeign(split, loaded.rules, index) : split;
      const signals = play(loaded.rules, index, { observations, restarts: 0, lost: 0, ...variant });
      const problem = compare(one, signals, loaded.own);
      results.push({ name: one.name, variant: variant.name, ...(problem !== undefined && { problem }) });
      if (problem) problems.push(`${one.name} (${variant.name}): ${problem}`);
    }
  }
  return { cases: read.cases.cases, runs: results.length, results, problems };
}

interface Loaded {
  readonly rules: RuleSet;
  /** Names of the rules of the folder itself. */
  readonly own: ReadonlySet<string>;
  readonly problems: readonly string[];
}

function load(folder: string, { uses }: CaseFile, index: FieldIndex): Loaded {
  const files = [folder, ...uses.map((name) => join(dirname(folder), name))].flatMap(readRuleFiles);
  const { rules, problems } = loadRules(files, { index, ruleTypes });
  const own = [...rules.detections, ...rules.correlations].filter(({ origin }) => dirname(origin.file) === folder);
  return {
    rules,
    own: new Set(own.map(({ rule }) => rule.name ?? rule.id)),
    problems: problems.map(({ file, line, message }) => `${file}:${line} ${message}`),
  };
}

/** A case must do what it says it shows. */
function claims({ name, about, kind, signals }: RuleCase, own: ReadonlySet<string>): string[] {
  return about.flatMap((rule) => {
    if (!own.has(rule)) return [`${name}: no rule '${rule}' in this folder`];
    const fires = signals.some((signal) => signal.rule === rule);
    return fires === (kind === 'fires') ? [] : [`${name}: kind is ${kind}, but '${rule}' is ${fires ? '' : 'not '}among its signals`];
  });
}

const host: Host = { resolve: (observation, slot) => observation.values[slot], line: () => undefined };

interface Run {
  readonly observations: readonly Observation[];
  readonly restarts: number;
  readonly lost: number;
  readonly sources?: number;
}

const sourceNames = ['cases', 'cases-2', 'cases-3'];

/** The same events as if several sources had sent them in turn. */
function splitOver(sources: number, observations: readonly Observation[]): Observation[] {
  return observations.map((one, at) => ({ ...one, source: sourceNames[at % sources]! }));
}

/** Puts behind every third event one of somebody else, at its time, that no detection of the rules matches. */
function amongForeign(observations: readonly Observation[], rules: RuleSet, index: FieldIndex): Observation[] {
  const found = new Int32Array(rules.detections.length);
  const mixed: Observation[] = [];
  observations.forEach((one, at) => {
    mixed.push({ ...one, offset: mixed.length });
    if (at % 3 !== 0) return;
    const values: Observation['values'][number][] = [];
    values[index.slot('source.ip')] = `198.18.${(at >> 8) & 255}.${at & 255}`;
    values[index.slot('message')] = 'foreign';
    if (rules.matcher.match(values, found) === 0) mixed.push({ ...one, offset: mixed.length, id: `foreign-${at}`, values });
  });
  return mixed;
}

function play(rules: RuleSet, index: FieldIndex, { observations, restarts, lost, sources = 1 }: Run): Signal[] {
  const state = new MemoryState();
  const settings = { ...defaultDetectorSettings, sources: sourceNames.slice(0, sources) };
  const build = (): Detector => buildDetector({ rules, index, host, state, settings });
  const latest = new Map<string, Signal>();
  let detector = build();
  const cut = restarts === 0 ? Infinity : Math.max(1, Math.ceil(observations.length / (restarts + 1)));
  observations.forEach((observation, i) => {
    detector.observe(observation);
    if ((i + 1) % cut !== 0) return;
    for (const signal of detector.changes()) latest.set(signal.id, signal);
    detector.save(state);
    // The crash: what is observed after the save is forgotten, and observed again.
    for (const again of observations.slice(i + 1, i + 1 + lost)) detector.observe(again);
    detector = build();
  });
  detector.finish();
  for (const signal of detector.changes()) latest.set(signal.id, signal);
  return [...latest.values()].filter(({ status }) => status !== 'merged');
}

class MemoryState implements StateReader, StateWriter {
  readonly #entries = new Map<string, Uint8Array>();
  entries(): Iterable<readonly [string, Uint8Array]> {
    return [...this.#entries];
  }
  put(key: string, value: Uint8Array): void {
    this.#entries.set(key, Uint8Array.from(value));
  }
  remove(key: string): void {
    this.#entries.delete(key);
  }
}

function compare({ signals: expected }: RuleCase, found: readonly Signal[], own: ReadonlySet<string>): string | undefined {
  const rest = found.filter(({ rule }) => own.has(rule.name ?? rule.id));
  for (const { rule, group, count } of expected) {
    const at = rest.findIndex(
      (signal) =>
        signal.rule.name === rule &&
        Object.values(signal.group).join('\n') === group.join('\n') &&
        (count === undefined || signal.count === count),
    );
    if (at < 0)
      return `expected a signal of ${rule} for ${group.join(', ')}${count === undefined ? '' : ` with ${count} events`}, got ${list(rest)}`;
    rest.splice(at, 1);
  }
  return rest.length ? `expected no further signal, got ${list(rest)}` : undefined;
}

function list(signals: readonly Signal[]): string {
  if (signals.length === 0) return 'none';
  return signals
    .map(({ rule, group, count }) => `${rule.name ?? rule.id} for ${Object.values(group).join(', ')} with ${count} events`)
    .join('; ');
}
