import type { RuleSet } from '#detection';
import type { FieldIndex, Provenance, Signal } from '#ecs';
import type { StoredEvents } from '#query';
import { scanStored, type StoredScanParts } from '../scan/scan-stored.js';
import { compareSignals, type FieldDifference, type ToldSignal } from './compare-signals.js';

/** What came of making a signal again. */
export interface Replay {
  readonly signal: string;
  readonly rule: string;
  readonly verdict: 'same' | 'differs' | 'not_found_again' | 'rule_gone';
  readonly differences: readonly FieldDifference[];
  /** What is not as it was when the signal was made: it explains differences, and is none itself. */
  readonly context: readonly FieldDifference[];
  /** Event time that was read again, ISO 8601; without beginning and end: everything stored. */
  readonly span: { readonly from?: string; readonly to?: string };
  readonly events: number;
  /** Events of the evidence that the store has no more. */
  readonly evidence_gone: number;
}

export interface ReplayParts {
  readonly events: StoredEvents;
  /** How many events of its evidence are still there. */
  readonly kept: number;
  readonly rules: RuleSet;
  readonly index: FieldIndex;
  readonly settings: StoredScanParts['settings'];
  /** Settings and data of today. */
  readonly provenance: Provenance;
  /** Whether events come in the order of the log. An id names the event that opened the signal: in another order, that may be another. */
  readonly inLogOrder: boolean;
}

/** Makes a signal again from the stored events that can have had a part in it. */
export async function replaySignal(
  signal: ToldSignal,
  { events: stored, kept, rules, index, settings, provenance, inLogOrder }: ReplayParts,
): Promise<Replay> {
  const lag = lagOf(signal.rule.id, rules);
  const grace = 2 * 120_000;
  const bounded = lag !== undefined && Number.isFinite(lag);
  const span: { readonly from?: number; readonly to?: number } = bounded
    ? { from: signal.first - 2 * lag - grace, to: signal.last + lag + grace }
    : {};
  const again: Signal[] = [];
  const { events } = await scanStored(stored, {
    rules,
    index,
    settings,
    lines: false,
    ...span,
    onSignal: (one) => {
      if (one.rule.id === signal.rule.id && sameGroup(one, signal)) again.push(one);
    },
  });
  const found = again.find(({ id }) => id === signal.id) ?? again.filter((one) => overlap(one, signal) >= 0).sort((a, b) => overlap(b, signal) - overlap(a, signal))[0]; // prettier-ignore
  const differences = found ? compareSignals(signal, inLogOrder ? found : { ...found, id: signal.id }) : [];
  return {
    signal: signal.id,
    rule: nameOf(signal.rule.id, rules),
    verdict: lag === undefined ? 'rule_gone' : !found ? 'not_found_again' : differences.length ? 'differs' : 'same',
    differences,
    context: contextOf(signal, { rules, provenance }),
    span: Object.fromEntries(Object.entries(span).map(([end, time]) => [end, new Date(time).toISOString()])),
    events,
    evidence_gone: signal.evidence.length - kept,
  };
}

/** Types whose state reaches back no further than their timespan; of others everything stored is read again. */
const windowed = /^(detection|event_count|value_|temporal)/;

/** How far back the events of a rule can lie, its inputs included: undefined where there is no such rule, without end where it learns. */
function lagOf(id: string, rules: RuleSet): number | undefined {
  const correlation = rules.correlations.find(({ rule }) => rule.id === id);
  if (!correlation) return rules.detections.find(({ rule }) => rule.id === id)?.episode.timespan;
  const behind = correlation.inputs.map((input) =>
    rules.correlations.some(({ rule }) => rule.id === input) ? (lagOf(input, rules) ?? 0) : 0,
  );
  return windowed.test(correlation.type) ? correlation.timespan + Math.max(0, ...behind) : Infinity;
}

function nameOf(id: string, { detections, correlations }: RuleSet): string {
  return [...detections, ...correlations].find(({ rule }) => rule.id === id)?.rule.name ?? id;
}

function contextOf(signal: ToldSignal, { rules, provenance }: Pick<ReplayParts, 'rules' | 'provenance'>): FieldDifference[] {
  const now = [...rules.detections, ...rules.correlations].find(({ rule }) => rule.id === signal.rule.id)?.rule.version;
  const then = signal.provenance;
  const names = new Set([...Object.keys(then?.data ?? {}), ...Object.keys(provenance.data)]);
  const all: [string, string | undefined, string | undefined][] = [
    ['rule version', signal.rule.version, now],
    ...(then ? [['configuration', then.config, provenance.config] as [string, string, string]] : []),
    ...(then
      ? [...names].map((name): [string, string | undefined, string | undefined] => [
          `data of ${name}`,
          then.data[name],
          provenance.data[name],
        ])
      : []),
  ];
  return all.filter(([, one, other]) => one !== other).map(([what, one, other]) => ({ what, then: one ?? 'none', now: other ?? 'none' }));
}

function sameGroup(one: ToldSignal, other: ToldSignal): boolean {
  return JSON.stringify(Object.entries(one.group)) === JSON.stringify(Object.entries(other.group));
}

function overlap(one: ToldSignal, other: ToldSignal): number {
  return Math.min(one.last, other.last) - Math.max(one.first, other.first);
}
