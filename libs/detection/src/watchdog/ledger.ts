import { addRange, countIn, type CountedRange, type Range } from './ranges.js';

/** A version of a rule and the event time for which it was in force: without a beginning from the first event on, without an end still. */
export type InForce = readonly [version: string, from: number | null, to: number | null];

/** A source that fell silent: event time, and the rules that nothing else gave events to. */
export interface Silence {
  readonly source: string;
  readonly from: number;
  /** Null while it is silent. */
  readonly to: number | null;
  readonly blind: readonly string[];
}

/** The ledger as saved. */
export interface SavedLedger {
  /** Wall clock during which records and ticks came. */
  up: Range[];
  rules: Record<string, { name: string; versions: InForce[] }>;
  /** Event time, by the minute, of which a source gave events in time; and of events that came too late. */
  sources: Record<string, { minutes: Range[]; late: CountedRange[] }>;
  evicted: Record<string, CountedRange[]>;
  silences: Silence[];
}

const minute = 60_000;
/** A pause of the wall clock in the log above this is time in which nobody was there. */
export const downAfter = 60_000;
const most = { up: 500, minutes: 1000, late: 200, evicted: 100, silences: 300, versions: 50, sources: 500 };

/** Notes how far event time was evaluated, by stretches: its size does not grow with traffic. Depends on the log alone. */
export class Ledger {
  saved: SavedLedger = { up: [], rules: {}, sources: {}, evicted: {}, silences: [] };
  #dirty = true;
  #source = '';
  #minute = NaN;

  /** True once after each change that has to be saved. */
  takeDirty(): boolean {
    const dirty = this.#dirty;
    this.#dirty = false;
    return dirty;
  }

  /** Has the next save write it, changed or not. */
  saveAgain(): void {
    this.#dirty = true;
  }

  restore(saved: SavedLedger): void {
    this.saved = saved;
    this.#dirty = false;
  }

  /** The wall clock of the log. Gives how long nobody was there before it, 0 in the usual case. */
  clock(now: number): number {
    const { up } = this.saved;
    const last = up.at(-1);
    if (last && now <= last[1]) return 0;
    if (last && now - last[1] <= downAfter) {
      // By the minute: a ledger that changes with each tick would be written with each.
      if (now - last[1] < downAfter / 2) return 0;
      up[up.length - 1] = [last[0], now];
      this.#dirty = true;
      return 0;
    }
    addRange(up, [now, now], most.up);
    this.#dirty = true;
    return last ? now - last[1] : 0;
  }

  event(source: string, time: number): void {
    const at = Math.floor(time / minute);
    if (at === this.#minute && source === this.#source) return;
    this.#minute = at;
    this.#source = source;
    const found = this.#of(source);
    const last = found?.minutes.at(-1);
    if (!found || (last && at * minute >= last[0] && at * minute < last[1])) return;
    addRange(found.minutes, [at * minute, (at + 1) * minute], most.minutes);
    this.#dirty = true;
  }

  late(source: string, time: number, amount = 1): void {
    const at = Math.floor(time / minute) * minute;
    const found = this.#of(source);
    if (!found) return;
    countIn(found.late, [at, at + minute], { most: most.late, join: minute, amount });
    this.#dirty = true;
  }

  evicted(rule: string, watermark: number): void {
    const at = Math.floor(watermark / minute) * minute;
    countIn((this.saved.evicted[rule] ??= []), [at, at + minute], { most: most.evicted, join: minute });
    this.#dirty = true;
  }

  silent(source: string, from: number, blind: readonly string[]): void {
    this.saved.silences = [...this.saved.silences, { source, from, to: null, blind }].slice(-most.silences);
    this.#dirty = true;
  }

  returned(source: string, to: number): void {
    this.saved.silences = this.saved.silences.map((one) =>
      one.source === source && one.to === null ? { ...one, to: Math.max(to, one.from) } : one,
    );
    this.#dirty = true;
  }

  /** The rules from here on. One that is there in the same version goes on; another ends at the watermark. */
  inForce(rules: readonly { readonly id: string; readonly name: string; readonly version: string }[], watermark: number): void {
    const now = Number.isFinite(watermark) ? watermark : null;
    const { rules: known } = this.saved;
    const current = new Map(rules.map((rule) => [rule.id, rule]));
    for (const [id, entry] of Object.entries(known)) {
      const last = entry.versions.at(-1);
      if (!last || last[2] !== null || last[0] === current.get(id)?.version) continue;
      // Nothing was evaluated by a rule that is gone before the first event.
      if (now === null) entry.versions.pop();
      else entry.versions[entry.versions.length - 1] = [last[0], last[1], now];
      this.#dirty = true;
    }
    for (const { id, name, version } of rules) {
      const entry = (known[id] ??= { name, versions: [] });
      const last = entry.versions.at(-1);
      if (last?.[0] === version && last[2] === null) continue;
      entry.versions = [...entry.versions, [version, now, null] as const].slice(-most.versions);
      this.#dirty = true;
    }
  }

  #of(source: string): SavedLedger['sources'][string] | undefined {
    const { sources } = this.saved;
    if (Object.hasOwn(sources, source)) return sources[source];
    if (Object.keys(sources).length >= most.sources) return undefined;
    return (sources[source] = { minutes: [], late: [] });
  }
}
