import type { SignalRule } from '#ecs';
import { ruleTypes } from './rule-types.js';
import { EventCount } from './event-count/event-count.js';
import { driftRule, keysRule } from './self-rules.js';
import { Crowd } from './crowd/crowd.js';
import { Temporal } from './temporal/temporal.js';
import type { CorrelationRule, DetectionRule, RuleSet } from '../sigma/rule.js';
import type { EntityFields } from '../window/evidence.js';
import type { Follower, Gate } from '../window/follower.js';
import { GroupReader } from '../window/group.js';
import { KeyTable } from '../window/key-table.js';
import type { KeyedWindow } from '../window/keyed.js';
import type { Surroundings, WindowRule } from '../window/surroundings.js';

const entityNames = ['source.ip', 'user.name', 'user.id', 'url.path', 'user_agent.original', 'http.response.status_code'];

/** The windows of a rule set and who hears what. */
export interface Wiring {
  /** A window stands after all that it reads. */
  readonly windows: readonly KeyedWindow[];
  /** Per detection of the rule set: windows that take its matches. */
  readonly followers: readonly (readonly Follower<KeyedWindow>[])[];
  /** Per detection of the rule set: whether only rules with a large threshold count its matches, so that they are many and little looked at. */
  readonly common: readonly boolean[];
  /** By rule: what decides which keys it counts. */
  readonly gates: ReadonlyMap<string, Gate>;
  /** Counts keys that rules gave up: the detector's signal about itself. */
  readonly keys: SelfWindow;
  /** Counts stretches of a source's lines that did not fit its format. */
  readonly drift: SelfWindow;
}

/** A window that no rule file describes, and its keys. */
export interface SelfWindow {
  readonly window: KeyedWindow;
  readonly table: KeyTable;
}

export interface WiringParts {
  readonly rules: RuleSet;
  readonly around: Surroundings;
  readonly ipv6Prefix: number;
  readonly fresh: GroupReader[];
  /** Whether matches of generating detections become episodes of their own. */
  readonly episodes: boolean;
}

export function wire(parts: WiringParts): Wiring {
  const { rules, around } = parts;
  const tables = new Map<string, KeyTable>();
  const windows: KeyedWindow[] = [];
  const byId = new Map<string, KeyedWindow>();
  const followers: Follower<KeyedWindow>[][] = rules.detections.map(() => []);
  const read = readers(parts);
  const add = (rule: WindowRule): KeyedWindow => {
    const name = rule.groupBy.join('\n');
    const table = tables.get(name) ?? new KeyTable();
    tables.set(name, table);
    const window = ruleTypes[rule.type]!.window(rule, around, table, entityFields(around, rule.field));
    windows.push(window);
    return window;
  };
  rules.detections.forEach((detection, i) => {
    if (!detection.generates || !parts.episodes) return;
    const window = add(implicitRule(detection));
    followers[i]!.push({ window, input: 0, reader: read(window, detection.episode.groupBy, true) });
  });
  const byRule = new Map([...rules.detections, ...rules.correlations].map(({ rule }) => [rule.id, rule]));
  const gates = new Map<string, Gate>();
  const gateOf = ({ gate }: CorrelationRule): Gate | undefined => {
    const window = gate && byId.get(gate.rule);
    return window instanceof Crowd ? { window, reader: read(window, window.rule.groupBy, false), when: gate!.when } : undefined;
  };
  for (const correlation of rules.correlations) {
    const window = add(windowRule(correlation, byRule));
    byId.set(correlation.rule.id, window);
    const gate = gateOf(correlation);
    if (gate) gates.set(correlation.rule.id, gate);
    const inputs = correlation.gate ? correlation.inputs.slice(0, -1) : correlation.inputs;
    inputs.forEach((id, input) => {
      const fields = correlation.groupBy.map((name) => correlation.fieldOf(name, id));
      rules.detections.forEach(({ rule }, i) => {
        if (rule.id === id) followers[i]!.push({ window, input, reader: read(window, fields, false), ...(gate && { gate }) });
      });
      const upstream = byId.get(id);
      if (upstream) connect(upstream, { window, input, reader: episodeReader(parts, window, fields) });
    });
  }
  const [keys, drift] = [selfWindow(keysRule, around), selfWindow(driftRule, around)];
  const common = followers.map((all) => all.every(({ window, input }) => window.isTraffic(input)));
  return { windows: [...windows, keys.window, drift.window], followers, common, gates, keys, drift };
}

function selfWindow(rule: WindowRule, around: Surroundings): SelfWindow {
  const table = new KeyTable();
  return { window: new EventCount(rule, around, table, entityFields(around, undefined)), table };
}

function connect(upstream: KeyedWindow, follower: Follower<KeyedWindow>): void {
  const { window } = follower;
  if (ruleTypes[window.rule.type]!.followsEpisodes) upstream.followers.push(follower);
  else upstream.counters.push(follower);
  if (window instanceof Temporal) window.remember(upstream.lag);
}

/** One reader for all rules that group matches by the same fields. */
function readers({ around, ipv6Prefix, fresh }: WiringParts) {
  const made = new Map<string, GroupReader>();
  return (window: KeyedWindow, fields: readonly string[], lenient: boolean): GroupReader => {
    const name = JSON.stringify([window.rule.groupBy, fields, lenient]);
    const { index, host } = around;
    const reader = made.get(name) ?? new GroupReader({ table: window.keys, fields, index, ipv6Prefix, lenient, host, fresh });
    made.set(name, reader);
    return reader;
  };
}

function episodeReader({ around, ipv6Prefix }: WiringParts, window: KeyedWindow, fields: readonly string[]): GroupReader {
  return new GroupReader({ table: window.keys, fields, index: around.index, ipv6Prefix, lenient: false });
}

function implicitRule({ rule, episode }: DetectionRule): WindowRule {
  return { rule, type: 'event_count', ...episode, threshold: 1, settings: {}, inputs: [], generates: true };
}

function windowRule(correlation: CorrelationRule, byRule: ReadonlyMap<string, SignalRule>): WindowRule {
  const { rule, type, groupBy, timespan, threshold, field, otherFields, settings, generates, inputs, gate } = correlation;
  return {
    rule,
    type,
    groupBy,
    timespan,
    threshold: Math.max(1, threshold ?? 1),
    ...(field !== undefined && { field }),
    ...(otherFields && { otherFields }),
    settings,
    generates,
    inputs: (gate ? inputs.slice(0, -1) : inputs).map((id) => ({
      id,
      title: byRule.get(id)?.title ?? id,
      level: byRule.get(id)?.level ?? 'medium',
      tags: byRule.get(id)?.tags ?? [],
    })),
  };
}

function entityFields({ index, recent }: Surroundings, field: string | undefined): EntityFields {
  const names = field === undefined || entityNames.includes(field) ? entityNames : [...entityNames, field];
  const slots = names.map((name) => index.slot(name));
  for (const slot of slots) recent.watch(slot);
  return { names, slots };
}
