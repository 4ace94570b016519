import type { Evidence, Level, Signal } from '#ecs';
import { formatDuration } from '#time';
import type { SignalNotice } from './notice.js';
import { defanged, visible } from './visible.js';

/** A line "label: value" of an explanation. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface EvidenceLine {
  readonly time: string;
  readonly text: string;
}

/**
 * What a notice tells people, in the order in which they ask, whatever the channel. Every text in it is bounded, on one line where it came from a log, and
 * free of what acts ({@link visible}); a channel only adds its own escaping.
 */
export interface Explanation {
  readonly level: Level;
  readonly state: 'open' | 'closed' | 'opened and closed';
  readonly title: string;
  readonly reason: string;
  /** Whom it concerns, on one line: "source.ip 203.0.113.7". */
  readonly subject: string;
  readonly who: readonly Fact[];
  readonly when: readonly Fact[];
  readonly howMuch: readonly Fact[];
  /** The first and the last lines of the episode, in time order. */
  readonly evidence: readonly EvidenceLine[];
  /** Counted events between the first and the last lines of `evidence` that it does not show, and the place where they would stand. */
  readonly unshown: { readonly count: number; readonly before: number };
  readonly why: string;
  readonly runbook: string;
  readonly falsePositives: readonly string[];
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly rule: string;
  readonly url: string;
  /** Why the fallback gets this; empty for everybody else. */
  readonly instead: string;
}

const shownEvidence = 8;
const names: Readonly<Record<string, string>> = {
  'source.ip': 'Address',
  'source.geo.country_iso_code': 'Country',
  'user.name': 'User',
  'user.id': 'User id',
  'url.path': 'Path',
  'gatewatch.route': 'Route',
  'gatewatch.principal': 'Caller',
  'http.request.method': 'Method',
  'http.response.status_code': 'Status',
  'user_agent.original': 'User agent',
  'service.name': 'Service',
  'host.name': 'Host',
};
const measureNames: Readonly<Record<string, string>> = { speed_kmh: 'Speed (km/h)', distance_km: 'Distance (km)' };

export function explain(notice: SignalNotice, baseUrl: string): Explanation {
  const { signal, untold, instead } = notice;
  const { rule } = signal;
  return {
    level: rule.level,
    state: signal.status !== 'closed' ? 'open' : untold ? 'opened and closed' : 'closed',
    title: visible(rule.title, 160),
    reason: fromLog(signal.reason, 400),
    subject: Object.entries(signal.group)
      .map(([field, value]) => `${visible(field, 60)} ${fromLog(value, 80)}`)
      .join(', '),
    who: whoOf(signal),
    when: whenOf(signal),
    howMuch: howMuchOf(signal),
    ...evidenceOf(signal),
    why: paragraphs(rule.description ?? '', 1500),
    runbook: paragraphs(rule.runbook ?? '', 3000),
    falsePositives: rule.falsePositives.slice(0, 8).map((text) => visible(text.trim(), 300)),
    tags: [...rule.techniques, ...rule.tags.filter((tag) => !isTechnique(tag))].slice(0, 16).map(tagName),
    references: rule.references
      .filter((text) => /^https?:\/\/\S+$/.test(text))
      .slice(0, 5)
      .map((text) => visible(text, 300)),
    rule: ruleLine(signal),
    url: `${baseUrl}/v1/signals/${encodeURIComponent(signal.id)}`,
    instead: instead
      ? `Sent to you because ${instead.receiver} (${instead.channel}) could not be told: ${instead.reason.replaceAll('_', ' ')}.`
      : '',
  };
}

function fromLog(text: string, limit: number): string {
  return defanged(visible(text, limit));
}

/** Text of a rule's author, who may write several lines. */
function paragraphs(text: string, limit: number): string {
  const bounded = text.trim().slice(0, limit);
  const lines = bounded.split(/\r?\n/).map((line) => visible(line, limit));
  return lines.join('\n') + (text.trim().length > limit ? ' …' : '');
}

function whoOf({ group, entities }: Signal): Fact[] {
  const facts = Object.entries(group).map(([field, value]) => ({ label: labelOf(field), value: fromLog(value, 200) }));
  for (const [field, values] of Object.entries(entities)) {
    if (field in group || values.length === 0) continue;
    const shown = values.slice(0, 5).map((value) => fromLog(value, 120));
    const more = values.length > shown.length ? ` and ${values.length - shown.length} more` : '';
    facts.push({ label: labelOf(field), value: shown.join(', ') + more });
  }
  return facts.slice(0, 10);
}

function labelOf(field: string): string {
  return Object.hasOwn(names, field) ? names[field]! : visible(field, 60);
}

function whenOf({ first, last, reached }: Signal): Fact[] {
  if (first === last) return [{ label: 'At', value: utc(first) }];
  return [
    { label: 'First', value: utc(first) },
    { label: 'Threshold met', value: utc(reached) },
    { label: 'Last', value: utc(last) },
    { label: 'Lasted', value: formatDuration(last - first) },
  ];
}

function howMuchOf({ count, distinct, measures, rule }: Signal): Fact[] {
  const facts = [{ label: 'Events', value: grouped(count) }];
  if (distinct !== undefined) facts.push({ label: 'Distinct values', value: grouped(distinct) });
  for (const [name, value] of Object.entries(measures ?? {}).slice(0, 6)) {
    facts.push({ label: Object.hasOwn(measureNames, name) ? measureNames[name]! : visible(name, 60), value: grouped(value) });
  }
  if (rule.asks) facts.push({ label: 'Rule asks for', value: visible(rule.asks, 120) });
  return facts;
}

/** 1234567.8 → "1 234 567.8": thin spaces read the same in every country. */
function grouped(value: number): string {
  const [whole, part] = String(Math.round(value * 10) / 10).split('.');
  return whole!.replace(/\B(?=(\d{3})+$)/g, '\u202f') + (part ? `.${part}` : '');
}

/** The earliest and the latest: how it began and what it is now. */
function evidenceOf({ evidence, count, first, last }: Signal): Pick<Explanation, 'evidence' | 'unshown'> {
  const half = shownEvidence / 2;
  const all = evidence.length <= shownEvidence;
  const shown = all ? evidence : [...evidence.slice(0, half), ...evidence.slice(-half)];
  const oneDay = utc(first).slice(0, 10) === utc(last).slice(0, 10);
  return {
    evidence: shown.map((one) => evidenceLine(one, oneDay)),
    unshown: { count: Math.max(0, count - shown.length), before: all ? Math.ceil(shown.length / 2) : half },
  };
}

function evidenceLine({ time, line, id, offset }: Evidence, oneDay: boolean): EvidenceLine {
  const stamp = utc(time).replace(' UTC', '');
  const text = line === undefined ? `event ${visible(id ?? `at offset ${offset}`, 80)}` : fromLog(line, 300);
  return { time: oneDay ? stamp.slice(11) : stamp, text };
}

function ruleLine({ rule }: Signal): string {
  const author = rule.author ? ` by ${visible(rule.author, 100)}` : '';
  return `${visible(rule.id, 80)} (version ${visible(rule.version, 40)})${author}`;
}

function isTechnique(tag: string): boolean {
  return /^attack\.t\d{4}/i.test(tag);
}

/** `owasp.api2` → "OWASP API2", `attack.credential-access` → "ATT&CK credential access", `T1110.001` → "ATT&CK T1110.001". */
function tagName(tag: string): string {
  const clean = visible(tag, 60);
  if (/^T\d{4}/.test(clean)) return `ATT&CK ${clean}`;
  if (clean.startsWith('attack.')) return `ATT&CK ${clean.slice(7).replaceAll(/[-_]/g, ' ')}`;
  if (clean.startsWith('owasp.')) return `OWASP ${clean.slice(6).toUpperCase()}`;
  return clean;
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
