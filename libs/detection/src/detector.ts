import type { Signal } from '#ecs';
import type { Millis } from '#time';
import type { Detector, DetectorCounts, Host, MatchedObserver, Observation, SlotIndex, StateReader, StateWriter } from './detection.js';
import type { CoverageQuery, CoverageReport } from './watchdog/report.js';
import type { SilenceSettings } from './watchdog/source-watch.js';
import { Watchdog } from './watchdog/watchdog.js';
import type { RuleSet } from './sigma/rule.js';
import { ByteWriter } from './window/bytes.js';
import type { GroupReader } from './window/group.js';
import { statePrefix, type Surroundings } from './window/surroundings.js';
import { RecentEvents } from './window/recent.js';
import { signalOf } from './window/signal.js';
import { Watermark } from './window/watermark.js';
import { wire, type Wiring } from './rule-types/wiring.js';

/** How the detector behaves, beside its rules. */
export interface DetectorSettings {
  /** How much later than its neighbours an event of a source may come. */
  grace(source: string): Millis;
  /** A source silent for this long stops holding the watermark back. */
  readonly idleAfter: Millis;
  /** Group keys of one rule. Beyond it the key silent longest is given up. */
  readonly maxKeys: number;
  /** IPv6 addresses are grouped by this prefix; 128 leaves them as they are. */
  readonly ipv6Prefix: number;
  /** Every match of a generating detection, late ones too; `detection` is its place in the rule set. */
  readonly onMatch?: (detection: number, observation: Observation) => void;
  /** False: matches of generating detections are told to `onMatch` only, and do not become signals. */
  readonly episodes?: boolean;
  /** False: the state is never saved, as in a single reading of a log. */
  readonly durable?: boolean;
  /** Sources known to exist. Absent: a source counts from its first event. */
  readonly sources?: readonly string[];
  /** Present: a ledger is kept of what was evaluated. With `silence`, regular sources that fall silent are told. */
  readonly watch?: { readonly silence?: SilenceSettings };
}

/** Grace 2 min, idle after 1 min, a million keys a rule, IPv6 by /64. */
export const defaultDetectorSettings: DetectorSettings = {
  grace: () => 120_000,
  idleAfter: 60_000,
  maxKeys: 1_000_000,
  ipv6Prefix: 64,
};

export interface DetectorParts {
  readonly rules: RuleSet;
  /** The index that the rules were compiled with. */
  readonly index: SlotIndex;
  readonly host: Host;
  /** State saved by a detector before; rules that changed since start anew. */
  readonly state?: StateReader;
  readonly settings: DetectorSettings;
}

/** Builds a detector, with the state it is given. */
export function buildDetector(parts: DetectorParts): Detector & MatchedObserver {
  return new Fold(parts);
}

/** Key of the entry that holds clocks and counters. */
const clockKey = 'clock';

interface SavedClocks {
  readonly watermark: ReturnType<Watermark['save']>;
  readonly observed: number;
  readonly matched: Readonly<Record<string, number>>;
  readonly evicted: Readonly<Record<string, number>>;
}

class Fold implements Detector, MatchedObserver {
  readonly eagerFields: readonly string[];
  readonly #rules: RuleSet;
  readonly #settings: DetectorSettings;
  readonly #around: Surroundings;
  readonly #wiring: Wiring;
  readonly #watermark: Watermark;
  readonly #watchdog: Watchdog | undefined;
  readonly #fresh: GroupReader[] = [];
  readonly #found: Int32Array;
  readonly #matched: Float64Array;
  readonly #writer = new ByteWriter();
  /** Saved entries of rules that are gone or changed. */
  #stale: string[] = [];
  #observed = 0;
  #current: Observation | undefined;

  constructor({ rules, index, host, state, settings }: DetectorParts) {
    this.#rules = rules;
    this.#settings = settings;
    this.#watermark = new Watermark(settings);
    this.#around = {
      host,
      index,
      recent: new RecentEvents(host),
      maxKeys: settings.maxKeys,
      durable: settings.durable ?? true,
      watermark: -Infinity,
      arrival: 0,
      nextDue: Infinity,
      changes: [],
      evicted: ({ id }) => this.#evicted(id),
    };
    this.#wiring = wire({
      rules,
      around: this.#around,
      ipv6Prefix: settings.ipv6Prefix,
      fresh: this.#fresh,
      episodes: settings.episodes ?? true,
    });
    if (settings.watch) {
      this.#watchdog = new Watchdog(rules, this.#around, settings.watch.silence);
      const { silence } = this.#watchdog;
      if (silence) this.#wiring = { ...this.#wiring, windows: [...this.#wiring.windows, silence.window] };
    }
    this.#found = new Int32Array(rules.detections.length);
    this.#matched = new Float64Array(rules.detections.length);
    this.eagerFields = rules.matcher.fields;
    if (state) this.#restore(state);
    this.#watchdog?.begin();
  }

  observe(observation: Observation): void {
    this.observeMatched(observation, this.#found, this.#rules.matcher.match(observation.values, this.#found));
  }

  observeMatched(observation: Observation, found: Int32Array, count: number): void {
    const { time, stamp, source, arrival } = observation;
    this.#observed++;
    this.#current = observation;
    this.#around.arrival = arrival;
    const watermark = this.#watermark.observe(source, stamp, stamp === time, arrival);
    if (watermark > this.#around.watermark) this.#advance(watermark);
    for (let i = 0; i < count; i++) this.#matched[found[i]!]!++;
    if (count > 0 && this.#settings.onMatch) this.#tellMatches(observation, found, count);
    this.#watchdog?.observe(observation, time < watermark);
    if (time < watermark) this.#watermark.late(source);
    else if (count > 0) this.#evaluate(observation, found, count);
  }

  get thinSlots(): readonly (readonly number[] | undefined)[] {
    const { index } = this.#around;
    return this.#wiring.followers.map((all, detection) =>
      this.#wiring.common[detection]
        ? all.flatMap(({ window, reader }) => [
            ...reader.slots,
            ...(window.rule.field === undefined ? [] : [index.slot(window.rule.field)]),
          ])
        : undefined,
    );
  }

  tick(now: number): void {
    this.#around.arrival = now;
    const watermark = this.#watermark.tick(now);
    if (watermark > this.#around.watermark) this.#advance(watermark);
    this.#watchdog?.tick(now);
  }

  coverage(query: CoverageQuery = {}): CoverageReport | undefined {
    return this.#watchdog?.report(query);
  }

  finish(): void {
    this.#advance(Infinity);
  }

  get changed(): boolean {
    return this.#around.changes.length > 0;
  }

  changes(): Signal[] {
    const { changes } = this.#around;
    return changes.splice(0).map(({ window, episode }) => {
      episode.listed = false;
      return signalOf(episode, window);
    });
  }

  save(into: StateWriter): void {
    for (const key of this.#stale) into.remove(key);
    this.#stale = [];
    for (const window of this.#wiring.windows) window.save(into, this.#writer);
    const { matched, evicted } = this.counts();
    const clocks: SavedClocks = { watermark: this.#watermark.save(), observed: this.#observed, matched, evicted };
    this.#watchdog?.save(into);
    into.put(clockKey, Buffer.from(JSON.stringify(clocks)));
  }

  counts(): DetectorCounts {
    const { windows } = this.#wiring;
    return {
      observed: this.#observed,
      matched: Object.fromEntries(this.#rules.detections.map(({ rule }, i) => [rule.id, this.#matched[i]!])),
      late: this.#watermark.lateCounts(),
      keys: Object.fromEntries(windows.map(({ rule, live }) => [rule.rule.id, live])),
      evicted: Object.fromEntries(windows.map(({ rule, evicted }) => [rule.rule.id, evicted])),
      watermark: this.#around.watermark,
    };
  }

  #evaluate(observation: Observation, found: Int32Array, count: number): void {
    let common = true;
    for (let i = 0; i < count; i++) if (!this.#wiring.common[found[i]!]) common = false;
    this.#around.recent.add(observation, common);
    for (let i = 0; i < count; i++) {
      for (const { window, input, reader } of this.#wiring.followers[found[i]!]!) {
        const key = reader.read(observation);
        if (key >= 0) window.observe(input, key, observation);
      }
    }
    while (this.#fresh.length > 0) this.#fresh.pop()!.settle();
  }

  #tellMatches(observation: Observation, found: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const detection = found[i]!;
      if (this.#rules.detections[detection]!.generates) this.#settings.onMatch?.(detection, observation);
    }
  }

  /**
   * Windows hear of the new watermark in their order. What one of them gives to another on the way lies at or after the old watermark, which therefore
   * stands until all have heard.
   */
  #advance(watermark: number): void {
    const around = this.#around;
    if (watermark > around.nextDue) {
      around.nextDue = Infinity;
      for (const window of this.#wiring.windows) if (window.bound < watermark) window.advance(watermark);
      let next = Infinity;
      for (const { bound } of this.#wiring.windows) if (bound < next) next = bound;
      around.nextDue = next;
    }
    around.watermark = watermark;
  }

  #evicted(rule: string): void {
    const { window, table } = this.#wiring.keys;
    const cause = this.#current;
    if (!cause) return;
    this.#watchdog?.evicted(rule);
    window.observe(0, table.id(rule), cause);
  }

  #restore(state: StateReader): void {
    const windows = new Map(this.#wiring.windows.map((window) => [statePrefix(window.rule), window]));
    for (const [key, value] of state.entries()) {
      if (key === clockKey) {
        this.#restoreClocks(JSON.parse(Buffer.from(value).toString()) as SavedClocks);
        continue;
      }
      if (this.#watchdog?.restore(key, value)) continue;
      const window = windows.get(key.slice(0, key.indexOf('/', 4) + 1));
      if (window) window.restore(value);
      else this.#stale.push(key);
    }
    this.#around.changes.sort((one, other) => one.episode.openedBy - other.episode.openedBy);
    for (const window of this.#wiring.windows) window.bound = window.due;
    this.#around.nextDue = Math.min(...this.#wiring.windows.map(({ bound }) => bound));
  }

  #restoreClocks({ watermark, observed, matched, evicted }: SavedClocks): void {
    this.#watermark.restore(watermark);
    this.#around.watermark = this.#watermark.value;
    this.#observed = observed;
    this.#rules.detections.forEach(({ rule }, i) => (this.#matched[i] = matched[rule.id] ?? 0));
    for (const window of this.#wiring.windows) window.evicted = evicted[window.rule.rule.id] ?? 0;
  }
}
