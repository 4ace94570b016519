import type { JsonObject } from './event.js';

/** Severity words of Sigma's `level`. */
export const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof levels)[number];

/** Elastic's scale for `event.severity`, so that mixed dashboards sort rightly. */
export const severityOf: Record<Level, number> = { informational: 10, low: 21, medium: 47, high: 73, critical: 99 };

export type SignalStatus = 'open' | 'closed' | 'merged';

/** What a signal keeps of a counted event. `line` is text from outside: escape it wherever it is shown. */
export interface Evidence {
  /** Offset of the record in the log: `gatewatch.offset` of the stored event. */
  readonly offset: number;
  readonly time: number;
  /** Id of the event where it is known without reading the log. */
  readonly id?: string;
  /** The line or a rendering of it, at most 512 characters. */
  readonly line?: string;
}

/** Under what a signal was made: enough to make it again, or to tell why it would come out otherwise. */
export interface Provenance {
  /** Short hash of the settings that decide how records are read and rules evaluated. */
  readonly config: string;
  /** Versions of the data that enrichers worked with, by enricher: `{ geoip: "2026-10-01" }`. */
  readonly data: Readonly<Record<string, string>>;
  /** Hash of the whole rule set, where rules are published and may be taken while running. */
  readonly rules?: string;
}

/** A rule fired for one group key: one episode, updated in place until it is closed (design: windows). */
export interface Signal {
  /** hash(rule id, rule version, group key, id of the opening event). */
  readonly id: string;
  /** Rises with each change: a store keeps the highest. */
  readonly revision: number;
  readonly status: SignalStatus;
  /** Set when status is `merged`. */
  readonly mergedInto?: string;
  readonly rule: SignalRule;
  /** Group-by field and its value, in the order of the rule's `group-by`. */
  readonly group: Readonly<Record<string, string>>;
  /** First and last event of the episode, and when the evidence sufficed, in event time (milliseconds). */
  readonly first: number;
  readonly last: number;
  readonly reached: number;
  /** Events counted. */
  readonly count: number;
  /** Distinct values for `value_count` rules; approximate above the threshold. */
  readonly distinct?: number;
  /** Numbers a rule type measured: `speed_kmh`, `distance_km`. */
  readonly measures?: Readonly<Record<string, number>>;
  /** Up to 10 earliest and 10 latest counted events, in time order. */
  readonly evidence: readonly Evidence[];
  /** Distinct values seen in the evidence, for people: addresses, users, paths; at most 10 each. */
  readonly entities: Readonly<Record<string, readonly string[]>>;
  /** One sentence for people, in English, without markup: "23 login failures from 203.0.113.7 in 4m 10s (rule asks for 10 in 5m)". */
  readonly reason: string;
  /** Arrival time of the record that made the last change. */
  readonly arrival: number;
  /** Left out where nobody keeps signals, as in `scan`. */
  readonly provenance?: Provenance;
}

/** The part of a rule that travels with its signals. */
export interface SignalRule {
  readonly id: string;
  /** Short hash of the rule's meaning: changes when the rule does. */
  readonly version: string;
  readonly title: string;
  readonly name?: string;
  readonly description?: string;
  readonly author?: string;
  readonly level: Level;
  /** ATT&CK technique ids such as `T1110.001`. */
  readonly techniques: readonly string[];
  /** Other tags as written: `owasp.api2`, `attack.credential-access`. */
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly falsePositives: readonly string[];
  /** What on-call should do, in the rule author's words. */
  readonly runbook?: string;
  readonly type: string;
  /** Threshold and timespan in words for people: "10 in 5m". */
  readonly asks: string;
}

/** A signal as an ECS document of kind `alert`. */
export function signalDocument(signal: Signal): JsonObject {
  const { rule } = signal;
  const document: JsonObject = {
    '@timestamp': iso(signal.reached),
    event: {
      id: signal.id,
      kind: 'alert',
      start: iso(signal.first),
      end: iso(signal.last),
      severity: severityOf[rule.level],
      reason: signal.reason,
      created: iso(signal.arrival),
    },
    message: signal.reason,
    rule: {
      id: rule.id,
      name: rule.title,
      version: rule.version,
      category: rule.type,
      ...(rule.description && { description: rule.description }),
      ...(rule.author && { author: [rule.author] }),
      ...(rule.references.length && { reference: rule.references[0]! }),
    },
    ...(rule.techniques.length && { threat: { framework: 'MITRE ATT&CK', technique: { id: [...rule.techniques] } } }),
    tags: [...rule.tags],
    gatewatch: {
      signal: {
        status: signal.status,
        revision: signal.revision,
        ...(signal.mergedInto && { merged_into: signal.mergedInto }),
        level: rule.level,
        group: { ...signal.group },
        count: signal.count,
        ...(signal.distinct !== undefined && { distinct: signal.distinct }),
        ...(signal.measures && { measures: { ...signal.measures } }),
        asks: rule.asks,
        evidence: signal.evidence.map(({ offset, time, id, line }) => ({
          offset,
          '@timestamp': iso(time),
          ...(id && { id }),
          ...(line && { line }),
        })),
        ...(signal.provenance && { provenance: provenanceOf(signal, signal.provenance) }),
      },
    },
  };
  addEntities(document, signal);
  return document;
}

function provenanceOf({ rule, evidence, count }: Signal, { config, data, rules }: Provenance): JsonObject {
  // Whether the evidence names every counted event, and not only the earliest and latest.
  return {
    rule: rule.version,
    config,
    ...(rules && { rules }),
    ...(Object.keys(data).length > 0 && { data: { ...data } }),
    complete: evidence.length === count,
  };
}

function addEntities(document: JsonObject, { group, entities }: Signal): void {
  const related: JsonObject = {};
  const addresses = entities['source.ip'] ?? [];
  const users = [...new Set([...(entities['user.name'] ?? []), ...(entities['user.id'] ?? [])])];
  if (addresses.length) related['ip'] = [...addresses];
  if (users.length) related['user'] = users;
  if (Object.keys(related).length) document['related'] = related;
  // One address or user is the alert's subject; several are only related.
  const address = group['source.ip']?.includes('/') === false ? group['source.ip'] : addresses.length === 1 ? addresses[0] : undefined;
  if (address) document['source'] = { ip: address };
  const user = group['user.name'] ?? (entities['user.name']?.length === 1 ? entities['user.name'][0] : undefined);
  if (user) document['user'] = { name: user };
  const path = group['url.path'] ?? (entities['url.path']?.length === 1 ? entities['url.path'][0] : undefined);
  if (path) document['url'] = { path };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
