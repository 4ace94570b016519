import { buildDetector, defaultDetectorSettings, loadRules, readRuleFiles, ruleTypes, shippedRulesDir, type RuleSet } from '#detection';
import { FieldIndex, type Event, type Signal } from '#ecs';
import { buildEnrichers, buildIngest } from '#ingest';

/** What became of one line. */
export interface PlayedLine {
  /** Undefined where the line was not understood. */
  readonly event: Event | undefined;
  /** Names of the detections that match it, bases of correlations among them. */
  readonly matched: readonly string[];
}

/** A signal and the event time of the log when it was first told. */
export interface Told {
  readonly signal: Signal;
  readonly at: number;
}

/** The shipped rules, compiled once, over lines of any format. */
export class Player {
  readonly rules: RuleSet;
  /** Detections that give signals by themselves. */
  readonly loud: ReadonlySet<string>;
  readonly #index = new FieldIndex();

  constructor() {
    this.rules = loadRules(readRuleFiles(shippedRulesDir()), { index: this.#index, ruleTypes }).rules;
    this.loud = new Set(this.rules.detections.flatMap(({ rule, generates }) => (generates ? [rule.name ?? rule.id] : [])));
  }

  /** One log, in blocks of whole lines, from its beginning to its end. Arrival is late enough that no line lies in the future. */
  open(onLine?: (line: PlayedLine) => void): Playing {
    return new Playing({ rules: this.rules, index: this.#index, onLine });
  }

  /** A log that is small. Blank lines give nothing. */
  play(lines: readonly string[]): { readonly lines: readonly PlayedLine[]; readonly told: readonly Told[] } {
    const played: PlayedLine[] = [];
    const playing = this.open((line) => played.push(line));
    // Line by line, so that each can be told what became of it.
    for (const line of lines) if (line.trim() !== '') playing.read(Buffer.from(`${line}\n`));
    return { lines: played, told: playing.finish() };
  }
}

const arrival = Date.UTC(2027, 0);

interface PlayingParts {
  readonly rules: RuleSet;
  readonly index: FieldIndex;
  readonly onLine: ((line: PlayedLine) => void) | undefined;
}

/** One log under way. */
export class Playing {
  readonly #parts: PlayingParts;
  readonly #ingest: ReturnType<typeof buildIngest>;
  readonly #detector: ReturnType<typeof buildDetector>;
  readonly #found: Int32Array;
  readonly #told = new Map<string, Told>();
  #offset = 0;
  #newest = -Infinity;
  events = 0;
  rejected = 0;

  constructor(parts: PlayingParts) {
    this.#parts = parts;
    const { rules, index } = parts;
    const ingest = buildIngest({
      source: (name) => ({ name, format: 'auto', timeZone: 'UTC' }),
      index,
      enrichers: buildEnrichers(undefined),
      eager: rules.matcher.fields,
      keepOriginal: false,
    });
    this.#ingest = ingest;
    this.#detector = buildDetector({
      rules,
      index,
      host: { resolve: (event, at) => ingest.resolve(event as Event, at), line: () => undefined },
      settings: { ...defaultDetectorSettings, durable: false },
    });
    this.#found = new Int32Array(rules.detections.length);
  }

  read(payload: Uint8Array): void {
    const count = countLines(payload);
    const batch = { source: 'outside', offset: this.#offset, count, arrival, payload };
    this.#offset += count;
    const { events, deadLetters } = this.#ingest.ingest(batch);
    this.rejected += deadLetters.length;
    for (const event of events) this.#observe(event);
    if (events.length === 0) for (let i = 0; i < deadLetters.length; i++) this.#parts.onLine?.({ event: undefined, matched: [] });
  }

  #observe(event: Event): void {
    const { rules, onLine } = this.#parts;
    this.events++;
    if (event.time > this.#newest) this.#newest = event.time;
    if (onLine) {
      const count = rules.matcher.match(event.values, this.#found);
      const matched = Array.from(this.#found.subarray(0, count), (at) => rules.detections[at]!.rule).map(({ name, id }) => name ?? id);
      onLine({ event, matched });
    }
    this.#detector.observe(event);
    if (this.#detector.changed) this.#take();
  }

  #take(): void {
    for (const signal of this.#detector.changes()) this.#told.set(signal.id, { signal, at: this.#told.get(signal.id)?.at ?? this.#newest });
  }

  /** Every signal with its newest revision; those that became part of another are left out. */
  finish(): Told[] {
    this.#detector.finish();
    this.#take();
    return [...this.#told.values()].filter(({ signal }) => signal.status !== 'merged');
  }
}

function countLines(payload: Uint8Array): number {
  let count = 0;
  for (let at = payload.indexOf(10); at >= 0; at = payload.indexOf(10, at + 1)) count++;
  return count;
}

/** The name under which people know the rule of a signal. */
export function ruleName({ rule }: Signal): string {
  return rule.name ?? rule.id;
}

/** Addresses that a signal is about: those of its group, else those of its evidence. */
export function addressesOf({ group, entities }: Signal): readonly string[] {
  const grouped = group['source.ip'];
  return grouped === undefined ? (entities['source.ip'] ?? []) : [grouped, ...(entities['source.ip'] ?? [])];
}
