import type { Millis } from '#time';

/** What the clock needs to know. */
export interface ClockSettings {
  grace(source: string): Millis;
  readonly idleAfter: Millis;
  /** Sources that are known to exist: one that has not spoken yet holds the watermark back until it is idle. Absent: a source counts from its first event. */
  readonly sources?: readonly string[];
}

interface SourceClock {
  /** Largest trusted stamp, −∞ before the first. */
  stamp: number;
  /**
   * Wall clock of its last trusted record; for a source that has not spoken, of the first thing seen at all. Untrusted records do not count: a source
   * whose clock has run away would hold the watermark for ever.
   */
  arrival: number;
  grace: Millis;
  late: number;
}

/** A source's clock as saved. */
export type SavedClock = readonly [source: string, stamp: number | null, arrival: number, late: number];

/**
 * The watermark of a task: min over its sources of (largest trusted stamp − grace), idle sources left out; when all are idle, time runs on from the
 * last stamp at the speed of the wall clock. It never goes back. Example: grace 2 min, idleAfter 1 min, last stamp 12:00:00 arrived at 12:00:05: the
 * watermark stands at 11:58:00 until 12:01:05, and a tick at 12:03:05 puts it to 12:00:00.
 */
export class Watermark {
  readonly #settings: ClockSettings;
  readonly #sources = new Map<string, SourceClock>();
  /** The source that held the minimum when it was last computed: only its progress can move the watermark. */
  #holder: SourceClock | undefined;
  #now = -Infinity;
  #nextIdle = Infinity;
  #lastSource = '';
  #last: SourceClock | undefined;
  value = -Infinity;

  constructor(settings: ClockSettings) {
    this.#settings = settings;
    for (const source of settings.sources ?? []) this.#source(source, -Infinity);
  }

  /** Takes note of one record and returns the watermark after it. */
  observe(source: string, stamp: number, trusted: boolean, arrival: number): number {
    const clock = source === this.#lastSource && this.#last ? this.#last : this.#source(source, arrival);
    const moved = trusted && stamp > clock.stamp;
    // A source that comes back from silence holds the watermark again.
    const woke = trusted && arrival - clock.arrival >= this.#settings.idleAfter;
    if (moved) clock.stamp = stamp;
    if (trusted && arrival > clock.arrival) clock.arrival = arrival;
    const idleDue = this.#wall(arrival);
    if (idleDue || woke || (moved && (clock === this.#holder || this.#holder === undefined))) this.#compute();
    return this.value;
  }

  tick(now: number): number {
    this.#wall(now);
    this.#compute();
    return this.value;
  }

  late(source: string): void {
    this.#source(source, this.#now).late++;
  }

  lateCounts(): Record<string, number> {
    return Object.fromEntries([...this.#sources].map(([source, { late }]) => [source, late]));
  }

  save(): { now: number | null; value: number | null; clocks: SavedClock[] } {
    const clocks = [...this.#sources].map(([source, { stamp, arrival, late }]): SavedClock => [source, finite(stamp), arrival, late]);
    return { now: finite(this.#now), value: finite(this.value), clocks };
  }

  restore(saved: ReturnType<Watermark['save']>): void {
    this.#now = saved.now ?? -Infinity;
    this.value = saved.value ?? -Infinity;
    for (const [source, stamp, arrival, late] of saved.clocks) {
      Object.assign(this.#source(source, arrival ?? -Infinity), { stamp: stamp ?? -Infinity, arrival: arrival ?? -Infinity, late });
    }
    this.#compute();
  }

  #source(name: string, arrival: number): SourceClock {
    let clock = this.#sources.get(name);
    if (!clock) {
      clock = { stamp: -Infinity, arrival, grace: this.#settings.grace(name), late: 0 };
      this.#sources.set(name, clock);
      this.#holder = undefined;
    }
    this.#lastSource = name;
    this.#last = clock;
    return clock;
  }

  #wall(now: number): boolean {
    if (this.#now === -Infinity) for (const clock of this.#sources.values()) if (clock.arrival === -Infinity) clock.arrival = now;
    if (now > this.#now) this.#now = now;
    return this.#now >= this.#nextIdle;
  }

  #compute(): void {
    let least = Infinity;
    let most = -Infinity;
    let lastArrival = -Infinity;
    this.#nextIdle = Infinity;
    this.#holder = undefined;
    for (const clock of this.#sources.values()) {
      most = Math.max(most, clock.stamp - clock.grace);
      lastArrival = Math.max(lastArrival, clock.arrival);
      const idleAt = clock.arrival + this.#settings.idleAfter;
      if (this.#now >= idleAt) continue;
      this.#nextIdle = Math.min(this.#nextIdle, idleAt);
      if (clock.stamp - clock.grace < least) {
        least = clock.stamp - clock.grace;
        this.#holder = clock;
      }
    }
    const running = this.#nextIdle === Infinity ? most + (this.#now - lastArrival - this.#settings.idleAfter) : least;
    if (running > this.value && running !== Infinity) this.value = running;
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Clocks and counters of a detector as they are saved. */
export interface SavedClocks {
  readonly watermark: ReturnType<Watermark['save']>;
  readonly observed: number;
  readonly matched: Readonly<Record<string, number>>;
  readonly evicted: Readonly<Record<string, number>>;
  readonly excepted?: Readonly<Record<string, number>>;
}
