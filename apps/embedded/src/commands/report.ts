import { styleText } from 'node:util';
import { levels, type Evidence, type Level, type Signal } from '#ecs';
import { printable } from '#telemetry';
import { formatDuration } from '#time';

/** What `scan` has counted, for the head of its report. */
export interface ScanCounts {
  readonly inputs: readonly string[];
  readonly records: number;
  readonly events: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly late: number;
  /** By exception: events that it kept from counting for a rule. */
  readonly excepted: Readonly<Record<string, number>>;
  readonly future: number;
  readonly formats: Readonly<Record<string, number>>;
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly seconds: number;
  readonly rules: number;
}

type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;
/** Colours, or none: a pipe and `NO_COLOR` get plain text. */
export function painter(colour: boolean): Paint {
  return colour ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text;
}

const colours: Record<Level, Parameters<typeof styleText>[0]> = {
  critical: ['bold', 'white', 'bgRed'],
  high: ['bold', 'red'],
  medium: ['bold', 'yellow'],
  low: ['bold', 'cyan'],
  informational: ['bold', 'gray'],
};

export interface ReportStyle {
  readonly paint: Paint;
  /** Every signal, and more of its evidence. */
  readonly all: boolean;
  /** Steps of a runbook on lines of their own. */
  readonly steps?: boolean;
}

/** The report of `scan` for a person: rules by severity, within a rule the largest first. */
export function renderReport(signals: readonly Signal[], counts: ScanCounts, style: ReportStyle): string {
  const { paint } = style;
  const out = [...renderCounts(counts, paint), ''];
  const groups = byRule(signals);
  if (groups.length === 0)
    out.push(
      `${paint('green', 'Nothing found')} by ${amountOf(counts.rules)}. That says what these would have seen, not that all is well.`,
    );
  for (const group of groups) out.push(...renderRule(group, style), '');
  if (groups.length) out.push(renderTotals(signals, paint));
  return out.join('\n') + '\n';
}

function byRule(signals: readonly Signal[]): Signal[][] {
  const groups = new Map<string, Signal[]>();
  for (const signal of signals) {
    const group = groups.get(signal.rule.id);
    if (group) group.push(signal);
    else groups.set(signal.rule.id, [signal]);
  }
  for (const group of groups.values()) group.sort((a, b) => b.count - a.count || a.first - b.first);
  const rank = (group: Signal[]): number => levels.indexOf(group[0]!.rule.level);
  return [...groups.values()].sort((a, b) => rank(b) - rank(a) || b.length - a.length || a[0]!.rule.title.localeCompare(b[0]!.rule.title));
}

function renderCounts(counts: ScanCounts, paint: Paint): string[] {
  const n = (amount: number): string => amount.toLocaleString('en-US');
  const formats = Object.entries(counts.formats)
    .sort(([, a], [, b]) => b - a)
    .map(([format, amount]) => (Object.keys(counts.formats).length > 1 ? `${format} ${n(amount)}` : format));
  const rate =
    counts.seconds > 0.05 ? ` in ${counts.seconds.toFixed(1)} s (${n(Math.round(counts.records / counts.seconds))} a second)` : '';
  const out = [
    `${paint('bold', 'Gatewatch')} read ${n(counts.records)} records from ${counts.inputs.map((name) => shown(name, 80)).join(', ')}${rate}`,
  ];
  const facts = [`${n(counts.events)} events${formats.length ? ` (${formats.join(', ')})` : ''}`];
  const dead = Object.entries(counts.deadLetters);
  if (dead.length)
    facts.push(
      paint(
        'yellow',
        `${n(dead.reduce((sum, [, amount]) => sum + amount, 0))} not understood (${dead.map(([reason, amount]) => `${reason} ${n(amount)}`).join(', ')})`,
      ),
    );
  for (const [name, amount] of Object.entries(counts.excepted))
    if (amount) facts.push(paint('yellow', `${n(amount)} events did not count for a rule: exception ${printable(name)}`));
  if (counts.late) facts.push(paint('yellow', `${n(counts.late)} late: further out of order than --grace, not evaluated by windows`));
  if (counts.future) facts.push(paint('yellow', `${n(counts.future)} stamped in the future, evaluated at the time of reading`));
  out.push(`  ${facts.join('; ')}`);
  if (counts.first !== undefined && counts.last !== undefined)
    out.push(
      `  from ${instant(counts.first)} to ${instant(counts.last)} UTC (${formatDuration(counts.last - counts.first)}), ${amountOf(counts.rules)}`,
    );
  return out;
}

function renderRule(signals: readonly Signal[], { paint, all, steps = false }: ReportStyle): string[] {
  const { rule } = signals[0]!;
  const out = [
    `${paint(colours[rule.level], ` ${rule.level.toUpperCase()} `)} ${paint('bold', shown(rule.title, 160))}  ${paint('gray', signals.length === 1 ? '1 signal' : `${signals.length} signals`)}`,
  ];
  const tags = [...rule.techniques, ...rule.tags.filter((tag) => tag.startsWith('owasp.')).map((tag) => tag.slice(6).toUpperCase())];
  out.push(paint('gray', `  rule ${shown(rule.name ?? rule.id, 80)}, asks for ${rule.asks}${tags.length ? `; ${tags.join(', ')}` : ''}`));
  const listed = all ? signals : signals.slice(0, 10);
  listed.forEach((signal, at) => out.push(...renderSignal(signal, paint, at < 3 || all ? 3 : 0)));
  if (listed.length < signals.length) out.push(paint('gray', `  … and ${signals.length - listed.length} more (--all shows them)`));
  out.push(...renderRunbook(rule.runbook ?? '', { paint, steps }));
  return out;
}

function renderRunbook(runbook: string, { paint, steps }: { paint: Paint; steps: boolean }): string[] {
  const lines = runbook
    .trim()
    .split('\n')
    .map((line) => shown(line.trim(), 300))
    .filter(Boolean);
  if (lines.length === 0) return [];
  const head = `  ${paint('bold', 'What to do:')}`;
  return steps && lines.length > 1 ? [head, ...lines.map((line) => `    ${line}`)] : [`${head} ${lines.join(' ')}`];
}

function renderSignal(signal: Signal, paint: Paint, lines: number): string[] {
  const who =
    Object.values(signal.group)
      .map((value) => shown(value, 80))
      .join(' · ') || 'all';
  const span =
    signal.last > signal.first
      ? ` → ${instant(signal.last).slice(sameDay(signal) ? 11 : 0)} (${formatDuration(signal.last - signal.first)})`
      : '';
  const out = [`  ${paint('bold', who)}  ${instant(signal.first)}${span}`, `    ${shown(signal.reason, 300)}`];
  for (const evidence of sample(signal.evidence, lines)) if (evidence.line) out.push(paint('gray', `    │ ${shown(evidence.line, 180)}`));
  return out;
}

/** First, middle and last: a start, the course and the end of what happened. */
function sample(evidence: readonly Evidence[], amount: number): Evidence[] {
  if (evidence.length <= amount) return [...evidence];
  if (amount === 0) return [];
  return [evidence[0]!, evidence[evidence.length >> 1]!, evidence.at(-1)!].slice(0, amount);
}

function renderTotals(signals: readonly Signal[], paint: Paint): string {
  const parts = [...levels].reverse().flatMap((level) => {
    const amount = signals.filter(({ rule }) => rule.level === level).length;
    return amount ? [paint(colours[level], `${amount} ${level}`)] : [];
  });
  return `${signals.length === 1 ? '1 signal' : `${signals.length} signals`}: ${parts.join(', ')}`;
}

function amountOf(rules: number): string {
  return rules === 1 ? '1 rule' : `${rules} rules`;
}

function sameDay({ first, last }: Signal): boolean {
  return instant(first).slice(0, 10) === instant(last).slice(0, 10);
}

function instant(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

function shown(text: string, limit: number): string {
  return printable(text.length > limit ? `${text.slice(0, limit - 1)}…` : text);
}
