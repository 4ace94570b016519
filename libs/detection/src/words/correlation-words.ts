import { describeBounds, type Bounds } from '../sigma/bounds.js';
import type { CorrelationRule } from '../sigma/rule.js';
import { millisOf } from '../window/settings.js';
import { listed, spanInWords } from './span.js';

/** What a correlation is told about with. */
export interface Told {
  readonly rule: CorrelationRule;
  /** Titles of what it reads, in quotes, its gate left out. */
  readonly inputs: readonly string[];
}

type Settings = Readonly<Record<string, unknown>>;
type Say = (told: Told) => string;

/** "with the same source.ip"; nothing where all events are one group. */
export function sameGroup(groupBy: readonly string[]): string {
  return groupBy.length ? ` with the same ${listed(groupBy)}` : '';
}

/** What has to happen, as a sentence without its end. Every rule type has its own. */
export function happeningOf(told: Told): string {
  return (sayings[told.rule.type] ?? counted)(told);
}

const counted: Say = (told) => `${atLeast(told.rule)} of ${events(told)} happen ${within(told)}`;

const sayings: Readonly<Record<string, Say>> = {
  event_count: counted,
  value_count: (told) => `${atLeast(told.rule)} different ${valuesOf(told.rule)} are seen in ${events(told)} ${within(told)}`,
  value_sum: (told) => measured(told, 'the sum'),
  value_avg: (told) => measured(told, 'the average'),
  value_min: (told) => measured(told, 'the least'),
  value_max: (told) => measured(told, 'the greatest'),
  value_median: (told) => measured(told, 'the median'),
  value_percentile: (told) => measured(told, `percentile ${setting(told.rule, 'percentile')}`),
  temporal: (told) => {
    const least = told.rule.settings['least'];
    const how = typeof least === 'number' ? `at least ${least} of these happen` : 'each of these happens';
    return `${how}, in any order, ${within(told)}: ${told.inputs.join(', ')}`;
  },
  temporal_ordered: (told) => `these follow each other in this order ${within(told)}: ${told.inputs.join(', then ')}`,
  geo_velocity: ({ rule, inputs }) =>
    `${listed(inputs, 'or')} is seen${sameGroup(rule.groupBy)} at two places at least ${setting(rule, 'distance')} km apart, less than ${spanInWords(rule.timespan)} after each other, which takes more than ${setting(rule, 'speed')} km/h (places may be ${setting(rule, 'radius')} km off)`,
  new_value: ({ rule, inputs }) =>
    `${listed(inputs, 'or')}${sameGroup(rule.groupBy)} shows a ${rule.field!} that was not seen there in the ${spanInWords(rule.timespan)} before, once the group is known for ${duration(rule.settings, 'learning')}`,
  ratio: (told) => {
    const [first = '', ...rest] = told.inputs;
    const percent = Math.round(Number(told.rule.settings['share']) * 1000) / 10;
    return `${atLeast(told.rule)} of ${first} happen ${within(told)}, and they are at least ${percent} % of all of it that is ${listed([first, ...rest], 'or')}`;
  },
  spike: (told) => {
    const { settings, timespan } = told.rule;
    const what = typeof settings['sum'] !== 'string' ? events(told) : `${settings['sum']}, added up over ${events(told)},`;
    const usual = { mean: 'mean', p95: '95th percentile', max: 'maximum' }[String(settings['usual'])] ?? '';
    return `there are ${atLeast(told.rule)} of ${what} ${within(told)}, and at least ${setting(told.rule, 'factor')} times as many as usual (the ${usual} of every ${spanInWords(timespan)} in the ${duration(settings, 'history')} before), once the group is known for ${duration(settings, 'learning')}`;
  },
  absence: ({ rule, inputs }) =>
    `not one event of ${listed(inputs, 'or')}${sameGroup(rule.groupBy)} comes for ${spanInWords(rule.timespan)}, though for ${duration(rule.settings, 'learning')} there was one in every such time`,
  sequence_walk: (told) =>
    `${atLeast(told.rule)} values of ${valuesOf(told.rule)} that lie at one fixed distance of at most ${setting(told.rule, 'max_stride')} from each other are seen in ${events(told)} ${within(told)}`,
  crowd: (told) => `${atLeast(told.rule)} different ${valuesOf(told.rule)} are seen in ${events(told)} ${within(told)}`,
  risk: risk,
};

function risk({ rule, inputs }: Told): string {
  const { points, cap, tactics } = rule.settings;
  const each = Object.entries(points as Readonly<Record<string, number>>).filter(([, amount]) => amount > 0);
  const worth = each.map(([level, amount]) => `${level} ${amount}`).join(', ');
  const other = typeof tactics === 'number' ? `, or findings of ${tactics} different ATT&CK tactics come together` : '';
  return `findings${sameGroup(rule.groupBy)} within ${spanInWords(rule.timespan)} add up to ${rule.threshold!} points${other} (each counts by its level: ${worth}; no rule more than ${String(cap)} times). Findings count of: ${inputs.join(', ')}`;
}

function measured(told: Told, what: string): string {
  return `${what} of ${valuesOf(told.rule)} over ${events(told)} ${within(told)} is ${describeBounds(told.rule.settings['bounds'] ?? {})}`;
}

function atLeast({ threshold, settings }: CorrelationRule): string {
  const bounds = settings['bounds'] as Bounds | undefined;
  return bounds ? `a number that is ${describeBounds(bounds)}` : `${(threshold ?? 1).toLocaleString('en-US')} or more`;
}

function events({ rule, inputs }: Told): string {
  return `${listed(inputs, 'or')}${sameGroup(rule.groupBy)}`;
}

function within({ rule }: Told): string {
  return `within ${spanInWords(rule.timespan)}`;
}

function valuesOf({ field, otherFields = [] }: CorrelationRule): string {
  return otherFields.length ? `combinations of ${listed([field!, ...otherFields])}` : (field ?? '');
}

function setting(rule: CorrelationRule, name: string): string {
  return Number(rule.settings[name]).toLocaleString('en-US');
}

function duration(settings: Settings, name: string): string {
  const value = settings[name];
  return typeof value === 'string' ? spanInWords(millisOf(value)) : '';
}
