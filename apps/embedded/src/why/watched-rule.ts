import type { CorrelationRule, DetectionRule, RuleSet } from '#detection';
import type { FieldIndex, Level } from '#ecs';
import { CommandError } from '../commands/io.js';

/** One detection whose matches a rule counts, and where its group values stand. */
export interface WatchedInput {
  /** Place among the detections of the rule set. */
  readonly detection: number;
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly slots: readonly number[];
}

/** A rule as an explanation needs it. */
export interface WatchedRule {
  readonly rule: DetectionRule | CorrelationRule;
  readonly groupBy: readonly string[];
  readonly timespan: number;
  readonly threshold: number;
  readonly type: string;
  readonly inputs: readonly WatchedInput[];
  /** Settings of the rule type, defaults filled in. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Slots of the fields whose values are counted, added up or compared. */
  readonly fields: readonly number[];
  /** Whether all it reads are detections: only then can windows be told from events alone. */
  readonly direct: boolean;
}

/** @throws CommandError where no rule is called so */
export function watchedRule(name: string, { rules, index }: { rules: RuleSet; index: FieldIndex }): WatchedRule {
  const called = ({ rule }: DetectionRule | CorrelationRule): boolean => rule.id === name || rule.name === name || rule.title === name;
  const correlation = rules.correlations.find(called);
  if (correlation) return ofCorrelation(correlation, rules, index);
  const at = rules.detections.findIndex(called);
  const detection = rules.detections[at];
  if (!detection) throw new CommandError(`there is no rule "${name}": gatewatch rules list names those that give signals`);
  const { groupBy, timespan } = detection.episode;
  const slots = groupBy.map((field) => index.slot(field));
  return {
    rule: detection,
    groupBy,
    timespan,
    threshold: 1,
    type: 'event_count',
    inputs: [{ detection: at, id: detection.rule.id, title: detection.rule.title, level: detection.rule.level, slots }],
    settings: {},
    fields: [],
    direct: true,
  };
}

function ofCorrelation(rule: CorrelationRule, rules: RuleSet, index: FieldIndex): WatchedRule {
  const { groupBy, timespan, threshold = 1, type, settings } = rule;
  const field = fieldRead(rule);
  const own = rule.gate ? { inputs: rule.inputs.slice(0, -1) } : rule;
  const inputs = detectionsBehind(own, rules).map((at): WatchedInput => {
    const { id, title, level } = rules.detections[at]!.rule;
    return { detection: at, id, title, level, slots: groupBy.map((name) => index.slot(rule.fieldOf(name, id))) };
  });
  const direct = own.inputs.every((id) => rules.detections.some((detection) => detection.rule.id === id));
  return {
    rule,
    groupBy,
    timespan,
    threshold,
    type,
    settings,
    inputs,
    direct,
    fields: [...(field === undefined ? [] : [field]), ...(rule.otherFields ?? [])].map((name) => index.slot(name)),
  };
}

/** What a rule type reads of an event, whatever its setting is called. */
function fieldRead({ type, field, settings }: CorrelationRule): string | undefined {
  if (type === 'geo_velocity') return 'source.geo.location';
  return type === 'spike' ? (settings['sum'] as string | undefined) : field;
}

/** Detections that a correlation reads, itself or through others, each once. */
function detectionsBehind({ inputs }: Pick<CorrelationRule, 'inputs'>, rules: RuleSet): number[] {
  const found = new Set<number>();
  for (const id of inputs) {
    const at = rules.detections.findIndex(({ rule }) => rule.id === id);
    if (at >= 0) found.add(at);
    const upstream = rules.correlations.find(({ rule }) => rule.id === id);
    if (upstream) for (const behind of detectionsBehind(upstream, rules)) found.add(behind);
  }
  return [...found];
}
