import type { Signal } from '#ecs';
import type {
  DetectorCounts,
  HeardMinute,
  Host,
  Observation,
  Saving,
  SlotIndex,
  SourceTrouble,
  StateReader,
  StateWriter,
  WholeDetector,
} from './detection.js';
import type { RuleSet } from './sigma/rule.js';
import type { CoverageQuery, CoverageReport } from './watchdog/report.js';
import type { DetectorSettings } from './detector-settings.js';
import { Exempted } from './exempted.js';
import { Watchdog } from './watchdog/watchdog.js';
import { ByteWriter } from './window/bytes.js';
import { isShut } from './window/follower.js';
import type { GroupReader } from './window/group.js';
import { statePrefix, type Surroundings } from './window/surroundings.js';
import { RecentEvents } from './window/recent.js';
import { savingOf } from './window/saved-keys.js';
import { signalOf } from './window/signal.js';
import { Watermark, type SavedClocks } from './window/watermark.js';
import { wire, type Wiring } from './rule-types/wiring.js';

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
export function buildDetector(parts: DetectorParts): WholeDetector {
  return new Fold(parts);
}

/** Enough for what is busy at a time; a million objects would be half a gigabyte. */
const mostAwake = 32_768;
/** Key of the entry that holds clocks and counters. */
const clockKey = 'clock';

class Fold implements WholeDetector {
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
  readonly #exempted: Exempted;
  readonly #writer = new ByteWriter();
  #saving: Saving | undefined;
  /** Saved entries of rules that are gone or changed. */
  #stale: string[] = [];
  /** The window where `saveAgain` goes on. */
  #again = 0;
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
      mostAwake: settings.mostAwake ?? mostAwake,
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
      this.#watchdog = new Watchdog(rules, this.#around, settings.watch);
      const { silence } = this.#watchdog;
      if (silence) this.#wiring = { ...this.#wiring, windows: [...this.#wiring.windows, silence.window] };
    }
    this.#found = new Int32Array(rules.detections.length);
    this.#matched = new Float64Array(rules.detections.length);
    this.#exempted = new Exempted(rules);
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

  get thinSlots(): readonly (readonly number[])[] {
    return this.#wiring.followers.map((all) =>
      all.flatMap(({ window, reader, gate }) => [...reader.slots, ...window.readsSlots, ...(gate?.reader.slots ?? [])]),
    );
  }

  formatDrift({ source, offset, id, arrival, time: stood }: SourceTrouble): void {
    // What is told now was not there before: it is never late.
    const time = Math.max(stood, this.#around.watermark);
    const cause: Observation = { source, offset, id, arrival, time, stamp: time, values: [] };
    this.#around.arrival = arrival;
    const { window, table } = this.#wiring.drift;
    window.observe(0, table.id(source), cause);
  }

  heard(minute: HeardMinute): void {
    this.#watchdog?.heard(minute);
  }

  tick(now: number): void {
    this.#around.arrival = now;
    const watermark = this.#watermark.tick(now);
    if (watermark > this.#around.watermark) this.#advance(watermark);
    this.#watchdog?.tick(now);
  }

  isShut(rule: string, observation: Observation): boolean {
    const gate = this.#wiring.gates.get(rule);
    if (!gate) return false;
    const answer = isShut(gate, observation);
    while (this.#fresh.length > 0) this.#fresh.pop()!.settle();
    gate.reader.settle();
    return answer;
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
    this.beginSave(into).some(Infinity);
  }

  beginSave(into: StateWriter): Saving {
    if (this.#saving && !this.#saving.some(0)) throw new Error('A save is still under way.');
    for (const key of this.#stale) into.remove(key);
    this.#stale = [];
    for (const window of this.#wiring.windows) window.beginSave(into, this.#writer);
    const { matched, evicted, excepted } = this.counts();
    const clocks: SavedClocks = { watermark: this.#watermark.save(), observed: this.#observed, matched, evicted, excepted };
    this.#watchdog?.save(into);
    into.put(clockKey, Buffer.from(JSON.stringify(clocks)));
    return (this.#saving = savingOf(this.#wiring.windows));
  }

  saveAgain(most: number): { readonly marked: number; readonly round: boolean } {
    const { windows } = this.#wiring;
    if (this.#again === 0) this.#watchdog?.saveAgain();
    let marked = 0;
    while (this.#again < windows.length) {
      marked += windows[this.#again]!.saveAgain(most - marked);
      if (marked === most) return { marked, round: false };
      this.#again++;
    }
    this.#again = 0;
    return { marked, round: true };
  }

  counts(): DetectorCounts {
    const { windows } = this.#wiring;
    return {
      observed: this.#observed,
      matched: Object.fromEntries(this.#rules.detections.map(({ rule }, i) => [rule.id, this.#matched[i]!])),
      late: this.#watermark.lateCounts(),
      keys: Object.fromEntries(windows.map(({ rule, live }) => [rule.rule.id, live])),
      evicted: Object.fromEntries(windows.map(({ rule, evicted }) => [rule.rule.id, evicted])),
      excepted: this.#exempted.counts(),
      watermark: this.#around.watermark,
    };
  }

  #evaluate(observation: Observation, found: Int32Array, count: number): void {
    let common = true;
    for (let i = 0; i < count; i++) if (!this.#wiring.common[found[i]!]) common = false;
    this.#around.recent.add(observation, common);
    const exempt = this.#exempted.of(found, count);
    for (let i = 0; i < count; i++) {
      for (const { window, input, reader, gate } of this.#wiring.followers[found[i]!]!) {
        if (exempt && this.#exempted.keeps(exempt, window.rule.rule.id, observation.time)) continue;
        if (gate && isShut(gate, observation)) continue;
        const key = reader.read(observation);
        if (key >= 0) window.observe(input, key, observation);
      }
    }
    while (this.#fresh.length > 0) this.#fresh.pop()!.settle();
    if (!common) this.#around.recent.seal();
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

  #restoreClocks({ watermark, observed, matched, evicted, excepted = {} }: SavedClocks): void {
    this.#watermark.restore(watermark);
    this.#around.watermark = this.#watermark.value;
    this.#observed = observed;
    this.#exempted.restore(excepted);
    this.#rules.detections.forEach(({ rule }, i) => (this.#matched[i] = matched[rule.id] ?? 0));
    for (const window of this.#wiring.windows) window.evicted = evicted[window.rule.rule.id] ?? 0;
  }
}
