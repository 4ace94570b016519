import { fields, slot, type Event, type FieldIndex, type FieldValue, type JsonObject, type JsonValue, type Signal } from '#ecs';
import { buildDetector, defaultDetectorSettings, type DetectorCounts, type DetectorSettings, type RuleSet } from '#detection';
import type { Scene } from './scan.js';
import type { StoredEvents } from '#query';

export interface StoredScanParts {
  readonly rules: RuleSet;
  readonly index: FieldIndex;
  /** Grace, idle time, caps: as the service has them. */
  readonly settings: Partial<DetectorSettings>;
  /** Event time; from is inclusive, to exclusive. */
  readonly from?: number;
  readonly to?: number;
  /** Whether signals show lines of their events: those cost a column that is wide. */
  readonly lines: boolean;
  /** Slots that are wanted beside those that the rules read. */
  readonly slots?: readonly number[];
  readonly onSignal: (signal: Signal) => void;
  readonly onEvent?: (event: Event, scene: Scene) => void;
}

export interface StoredScanResult {
  readonly events: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly counts: DetectorCounts;
}

const original = slot['event.original'];

/**
 * Runs the live detector over stored events in the order of the log, with their sources and arrival times, so that what was late then is late now. Only the
 * fields that the rules read are fetched.
 */
export async function scanStored(events: StoredEvents, parts: StoredScanParts): Promise<StoredScanResult> {
  const { rules, index, settings, lines, onSignal, onEvent } = parts;
  const asked = new Set<number>([...(parts.slots ?? []), ...(lines ? [original, ...shownSlots] : [])]);
  const noting = { slot: (name: string): number => noted(asked, index.slot(name)) };
  const detector = buildDetector({
    rules,
    index: noting,
    host: { resolve: (event, at) => event.values[at], line: (event) => (lines ? lineOf(event.values) : undefined) },
    settings: { ...defaultDetectorSettings, ...settings, durable: false, watch: undefined },
  });
  for (const name of detector.eagerFields) noting.slot(name);
  const scene: Scene = {
    watermark: () => detector.counts().watermark,
    isShut: (rule: string, event: Event) => detector.isShut(rule, event),
    resolve: (event, at) => event.values[at],
    line: (event) => lineOf(event.values),
  };
  const beyond = index.names().slice(fields.length);
  const result = { events: 0, first: Infinity, last: -Infinity };
  const report = (): void => {
    for (const signal of detector.changes()) if (signal.status === 'closed') onSignal(signal);
  };
  const { from, to } = parts;
  const slots = rules.matcher.readsAllText ? undefined : asked;
  for await (const page of events.sweep({
    index,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(slots && { slots }),
  })) {
    for (const event of page) {
      if (event.time < result.first) result.first = event.time;
      if (event.time > result.last) result.last = event.time;
      fillFromExtra(event, beyond);
      onEvent?.(event, scene);
      detector.observe(event);
    }
    result.events += page.length;
    report();
  }
  detector.finish();
  report();
  const { first, last } = result;
  const some = result.events > 0;
  return { events: result.events, first: some ? first : undefined, last: some ? last : undefined, counts: detector.counts() };
}

/** Fields of the sender's own that a rule reads: who stored the event may not have known the rule, and kept them as they stood. */
function fillFromExtra({ values, extra }: Event, names: readonly string[]): void {
  if (extra === undefined) return;
  for (const [at, name] of names.entries()) {
    if (values[fields.length + at] !== undefined) continue;
    let found: JsonValue | undefined = extra;
    for (const key of name.split('.')) found = isTree(found) ? found[key] : undefined;
    if (found !== undefined && !isTree(found)) values[fields.length + at] = found as FieldValue;
  }
}

function isTree(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function noted(asked: Set<number>, at: number): number {
  asked.add(at);
  return at;
}

const method = slot['http.request.method'];
const path = slot['url.path'];
const status = slot['http.response.status_code'];
const shownSlots = [method, path, status];

/** The line where it was kept, else the request as far as it is known. */
function lineOf(values: readonly FieldValue[]): string | undefined {
  const line = values[original];
  if (typeof line === 'string') return line;
  const text = [values[method], values[path], values[status]]
    .filter((value) => value !== undefined && value !== null)
    .map(String)
    .join(' ');
  return text === '' ? undefined : text;
}
