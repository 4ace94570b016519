import type { Millis } from '#time';
import { offsetOf, type Planted } from './attacks/plan.js';
import { combinedWriter, ecsWriter, type Call, type CallWriter } from './call.js';
import { DelayLine } from './delay-line.js';
import { Ordinary } from './ordinary.js';
import { Random } from './random.js';
import { plantedOf, planDay, type Scheduled } from './stage.js';

/** What to generate. The same options give the same bytes. */
export interface TrafficOptions {
  readonly seed: number;
  /** Lines, planted ones included, repeated ones not. At least 1,000. */
  readonly lines: number;
  /** Event time at which the log ends, milliseconds since the epoch. */
  readonly end: Millis;
  /** Length of the log in event time; a day where absent. */
  readonly duration?: Millis;
  /** `combined`: Apache and nginx. `ecs`: JSON lines with `event.id` and user names. */
  readonly format?: 'combined' | 'ecs';
  /** A line may stand up to this long after its place in time; keep it below the grace of the source. None where absent. */
  readonly disorder?: Millis;
  /** Share of the lines that are sent a second time within half a minute, 0 to 0.5; only for `ecs`, where lines have ids. */
  readonly duplicates?: number;
  /** False: the ordinary day alone. */
  readonly attacks?: boolean;
}

/** A generated log and the truth about it. */
export interface Traffic {
  /** What is planted, by time of the first line. */
  readonly planted: readonly Planted[];
  /** Whole lines in UTF-8, about 64 KiB a block. Memory does not grow with the number of lines. May be called once. */
  blocks(): AsyncGenerator<Uint8Array, void, void>;
  /** Lines and repeated lines handed out so far. */
  readonly written: number;
  readonly repeated: number;
}

const day = 86_400_000;
const blockSize = 1 << 16;
const longestRepeat = 30;

/** Prepares a seeded log of an API's traffic with planted attacks and near misses. */
export function generateTraffic(options: TrafficOptions): Traffic {
  return new GeneratedTraffic(options);
}

class GeneratedTraffic implements Traffic {
  readonly planted: readonly Planted[];
  written = 0;
  repeated = 0;
  readonly #options: Required<TrafficOptions>;
  readonly #start: Millis;
  readonly #scheduled: readonly Scheduled[];
  readonly #random: Random;
  readonly #write: CallWriter;
  readonly #line: DelayLine;
  readonly #lateness: number;
  #ids = 0;

  constructor(options: TrafficOptions) {
    this.#options = { duration: day, format: 'combined', disorder: 0, duplicates: 0, attacks: true, ...options };
    const { seed, lines, end, duration, format, disorder, attacks } = this.#options;
    this.#start = Math.ceil((end - duration) / 1000) * 1000;
    this.#scheduled = attacks ? planDay({ seed, lines, start: this.#start, duration: Math.floor(duration / 1000) * 1000 }) : [];
    this.planted = this.#scheduled.map(plantedOf);
    this.#random = new Random(seed).fork(3);
    this.#write = format === 'ecs' ? ecsWriter() : combinedWriter();
    this.#lateness = Math.ceil(disorder / 1000);
    this.#line = new DelayLine(this.#lateness + longestRepeat);
  }

  async *blocks(): AsyncGenerator<Uint8Array, void, void> {
    let text = '';
    const seconds = Math.floor(this.#options.duration / 1000);
    const cursors = new Cursors(this.#scheduled);
    const ordinary = this.#ordinaryLines(seconds);
    for (let second = 0; second < seconds + this.#line.length; second++) {
      if (second < seconds) this.#makeSecond(this.#start + second * 1000, ordinary(second), cursors);
      for (const line of this.#line.take()) text += line;
      if (text.length < blockSize) continue;
      yield Buffer.from(text, 'utf8');
      text = '';
    }
    if (text !== '') yield Buffer.from(text, 'utf8');
  }

  /** How many ordinary lines each second has: the day's curve, with what was lost by rounding carried on, so that the total is exact. */
  #ordinaryLines(seconds: number): (second: number) => { count: number; source: Ordinary } {
    const { lines, seed, duration } = this.#options;
    const total = lines - this.planted.reduce((sum, { count }) => sum + count, 0);
    let weights = 0;
    for (let second = 0; second < seconds; second++) weights += weight(this.#start + second * 1000);
    const peakMinute = (1.6 * total * 60_000) / duration;
    const source = new Ordinary(this.#random.fork(4), {
      clients: clientsFor(lines, peakMinute),
      seed,
      trouble: Math.min(1, 1200 / peakMinute),
    });
    let passed = 0;
    let made = 0;
    return (second) => {
      passed += weight(this.#start + second * 1000);
      const due = second === seconds - 1 ? total : Math.floor((passed / weights) * total);
      const count = Math.max(0, due - made);
      made += count;
      return { count, source };
    };
  }

  #makeSecond(start: Millis, { count, source }: { count: number; source: Ordinary }, cursors: Cursors): void {
    const end = start + 1000;
    let planted = cursors.next(end);
    for (let i = 0; i < count; i++) {
      const time = start + Math.floor(((i + this.#random.next()) * 1000) / count);
      while (planted && planted.time <= time) {
        this.#put(planted);
        planted = cursors.next(end);
      }
      this.#put(source.call(time));
    }
    for (; planted; planted = cursors.next(end)) this.#put(planted);
  }

  #put(call: Call): void {
    const { seed, disorder, duplicates, format } = this.#options;
    const line = this.#write(call, format === 'ecs' ? `${seed.toString(36)}-${(this.#ids++).toString(36)}` : '');
    const late = disorder > 0 ? Math.floor((this.#random.next() * disorder) / 1000) : 0;
    this.#line.put(line, late);
    this.written++;
    if (duplicates > 0 && format === 'ecs' && this.#random.next() < duplicates) {
      this.#line.put(line, Math.min(this.#lateness + longestRepeat, late + this.#random.between(1, longestRepeat)));
      this.repeated++;
    }
  }
}

/** The planted lines in the order of their times. */
class Cursors {
  readonly #active: { scheduled: Scheduled; index: number; time: Millis }[] = [];
  #waiting = 0;

  constructor(private readonly scheduled: readonly Scheduled[]) {}

  /** The next planted call before `end`. */
  next(end: Millis): Call | undefined {
    while (this.#waiting < this.scheduled.length && this.scheduled[this.#waiting]!.start < end) {
      const scheduled = this.scheduled[this.#waiting++]!;
      this.#active.push({ scheduled, index: 0, time: scheduled.start });
    }
    let first = -1;
    for (let i = 0; i < this.#active.length; i++) if (first < 0 || this.#active[i]!.time < this.#active[first]!.time) first = i;
    const cursor = this.#active[first];
    if (!cursor || cursor.time >= end) return undefined;
    const { plan, start } = cursor.scheduled;
    const call = { ...plan.line(cursor.index), time: cursor.time };
    cursor.index++;
    if (cursor.index >= plan.count) this.#active.splice(first, 1);
    else cursor.time = start + offsetOf(plan, cursor.index);
    return call;
  }
}

/** Busier by day than by night. */
function weight(time: Millis): number {
  return 1 - 0.6 * Math.cos(((time % day) / day) * 2 * Math.PI - 0.4);
}

/** Enough clients that the busiest of them stays far from any limit: it has one call in √clients. */
function clientsFor(lines: number, peakMinute: number): number {
  return Math.max(400, Math.round(lines / 40), Math.ceil((peakMinute / 150) ** 2));
}
