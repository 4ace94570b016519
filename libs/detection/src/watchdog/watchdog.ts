import type { WatchSettings } from '../detector-settings.js';
import type { HeardMinute, Observation, StateReader, StateWriter } from '../detection.js';
import type { RuleSet } from '../sigma/rule.js';
import type { Surroundings } from '../window/surroundings.js';
import { Ledger, type SavedLedger } from './ledger.js';
import { coverageOf, type CoverageQuery, type CoverageReport } from './report.js';
import { blindRules, SilenceWindow } from './silence.js';
import { SourceWatch, type SavedSources } from './source-watch.js';

/** Keys of its state beside those of windows. */
export const ledgerKey = 'coverage';
export const sourcesKey = 'sources';

/** The detector watching itself: what it evaluated, and which source it hears no more. */
export class Watchdog {
  readonly silence: SilenceWindow | undefined;
  readonly #ledger = new Ledger();
  readonly #watch: SourceWatch | undefined;

  readonly #rules: RuleSet;
  /** Whether what sources sent is told by `heard`. */
  readonly #told: boolean;

  constructor(
    rules: RuleSet,
    private readonly around: Surroundings,
    { silence, of }: WatchSettings,
  ) {
    this.#rules = of ?? rules;
    this.#told = of !== undefined;
    if (!silence) return;
    this.#watch = new SourceWatch(silence, (field) => around.index.slot(field));
    this.silence = new SilenceWindow(around);
  }

  observe(observation: Observation, late: boolean): void {
    if (this.#told) return;
    const { source, time, arrival } = observation;
    this.#clock(arrival);
    if (late) this.#ledger.late(source, time);
    else this.#ledger.event(source, time);
    if (this.#watch?.observe(source, observation)) this.#ledger.returned(source, this.around.watermark);
  }

  heard(minute: HeardMinute): void {
    const { source, time, count } = minute;
    const late = time < this.around.watermark ? count : minute.late;
    if (late < count) this.#ledger.event(source, time);
    if (late > 0) this.#ledger.late(source, time, late);
    if (this.#watch?.heard(minute)) this.#ledger.returned(source, this.around.watermark);
  }

  tick(now: number): void {
    this.#clock(now);
    for (const silent of this.#watch?.tick(now) ?? []) {
      const blind = blindRules(this.#rules, silent.source, this.#watch!);
      if (silent.fresh) this.#ledger.silent(silent.source, silent.time, blind.map(({ id }) => id)); // prettier-ignore
      this.silence?.tell(
        silent,
        blind.map(({ title }) => title),
      );
    }
  }

  evicted(rule: string): void {
    if (Number.isFinite(this.around.watermark)) this.#ledger.evicted(rule, this.around.watermark);
  }

  /** After the state was read: what of the rules goes on and what begins. */
  begin(): void {
    const all = [...this.#rules.detections, ...this.#rules.correlations].filter(({ generates }) => generates);
    this.#ledger.inForce(
      all.map(({ rule: { id, name, version } }) => ({ id, name: name ?? id, version })),
      this.around.watermark,
    );
  }

  report(query: CoverageQuery): CoverageReport | undefined {
    return coverageOf(this.#ledger.saved, this.around.watermark, query);
  }

  /** Has the next save write everything. */
  saveAgain(): void {
    this.#ledger.saveAgain();
  }

  save(into: StateWriter): void {
    if (this.#ledger.takeDirty()) into.put(ledgerKey, Buffer.from(JSON.stringify(this.#ledger.saved)));
    if (this.#watch) into.put(sourcesKey, Buffer.from(JSON.stringify(this.#watch.save())));
  }

  /** Takes an entry of the saved state; false where it is not of the watchdog. */
  restore(key: string, value: Uint8Array): boolean {
    if (key === ledgerKey) this.#ledger.restore(JSON.parse(Buffer.from(value).toString()) as SavedLedger);
    else if (key === sourcesKey) this.#watch?.restore(JSON.parse(Buffer.from(value).toString()) as SavedSources);
    else return false;
    return true;
  }

  #clock(now: number): void {
    const away = this.#ledger.clock(now);
    if (away > 0) this.#watch?.away(away);
  }
}

/** The ledger of a saved state, without building a detector: for reading it while nothing runs. */
export function readCoverage(state: StateReader, query: CoverageQuery = {}): CoverageReport | undefined {
  let ledger: SavedLedger | undefined;
  let watermark = -Infinity;
  for (const [key, value] of state.entries()) {
    if (key === ledgerKey) ledger = JSON.parse(Buffer.from(value).toString()) as SavedLedger;
    if (key === 'clock')
      watermark = (JSON.parse(Buffer.from(value).toString()) as { watermark: { value: number | null } }).watermark.value ?? -Infinity;
  }
  return ledger && coverageOf(ledger, watermark, query);
}
