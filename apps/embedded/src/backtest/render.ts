import { printable } from '#telemetry';
import { formatDuration } from '#time';
import type { Comparison } from './compare.js';
import type { Backtest } from './backtest.js';
import type { RuleSummary } from './summary.js';

/** The result of a backtest for a person. */
export function renderBacktest(result: Backtest, all: boolean): string {
  const { events, from, to, signals, rules, per_day: days, entities, notices } = result;
  const span = from && to ? ` from ${short(from)} to ${short(to)} UTC (${formatDuration(Date.parse(to) - Date.parse(from))})` : '';
  const out = [`Backtest of ${result.rules_in_force} rules over ${n(events)} events${span}`, `  ${shown(result.input, 160)}`];
  if (result.late) out.push(`  ${n(result.late)} events were late: not evaluated by windows`);
  if (result.dead_letters) out.push(`  ${n(result.dead_letters)} records were not understood`);
  out.push('', signals === 0 ? 'No signals.' : `${n(signals)} signals`);
  for (const rule of rules) out.push(...renderRule(rule));
  if (Object.keys(days).length) out.push('', 'By day', ...Object.entries(days).map(([day, amount]) => `  ${day}  ${n(amount)}`));
  if (entities.length) {
    out.push('', 'By entity');
    for (const { entity, signals: own, events: counted } of entities.slice(0, all ? undefined : 10))
      out.push(`  ${shown(entity, 100)}: ${amountOf(own, 'signal')}, ${n(counted)} events`);
  }
  out.push('', 'Notifications that would have gone out');
  for (const { receiver, messages, digests, perDay } of notices) {
    const busiest = Math.max(0, ...Object.values(perDay));
    const digest = digests ? `, ${digests} of them digests` : '';
    out.push(`  ${receiver}: ${n(messages)}${digest}${busiest ? `; most on one day: ${n(busiest)}` : ''}`);
  }
  if (result.labels) out.push('', `Verdicts: ${precisionText(result.labels)}`);
  if (result.against) out.push('', ...renderComparison(result.against, all));
  return `${out.join('\n')}\n`;
}

function renderRule({ level, title, name, signals, entities, top, labels }: RuleSummary): string[] {
  const who = top
    .slice(0, 3)
    .map(({ entity, signals: own }) => `${shown(entity, 60)} (${own})`)
    .join(', ');
  const out = [
    `  ${level.padEnd(13)} ${shown(title, 100)}: ${amountOf(signals, 'signal')}, ${entities === 1 ? '1 entity' : `${n(entities)} entities`}`,
    `                ${shown(name, 80)}; most: ${who}`,
  ];
  if (labels) out.push(`                verdicts: ${precisionText(labels)}`);
  return out;
}

function renderComparison({ only_a: a, only_b: b, both, changed, differences }: Comparison, all: boolean): string[] {
  const out = [
    `Against the other version: ${n(both)} signals in both (${n(changed)} of them changed), ${n(a)} only in this one, ${n(b)} only in the other`,
  ];
  const listed = all ? differences : differences.slice(0, 20);
  for (const one of listed) {
    const parts = [
      one.only_a && `${one.only_a} only in this one`,
      one.only_b && `${one.only_b} only in the other`,
      one.changed && `${one.changed} changed`,
    ].filter(Boolean);
    out.push(`  ${shown(one.name, 60)} for ${shown(one.entity, 80)}: ${parts.join(', ')}`);
  }
  if (listed.length < differences.length) out.push(`  … and ${differences.length - listed.length} more (--all shows them)`);
  return out;
}

function precisionText({ true_positives: right, false_positives: wrong, unlabelled, precision }: NonNullable<Backtest['labels']>): string {
  const share = precision === undefined ? 'nothing judged' : `precision ${(precision * 100).toFixed(1)} %`;
  return `${share} (${right} true, ${wrong} false, ${unlabelled} not judged)`;
}

function amountOf(amount: number, what: string): string {
  return amount === 1 ? `1 ${what}` : `${n(amount)} ${what}s`;
}

function n(amount: number): string {
  return amount.toLocaleString('en-US');
}

function short(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}

function shown(text: string, limit: number): string {
  return printable(text.length > limit ? `${text.slice(0, limit - 1)}…` : text);
}
