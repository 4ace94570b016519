import { FieldIndex, type FieldValue, type Signal } from '#ecs';
import { buildDetector, defaultDetectorSettings } from '#detection';
import type { Detector, DetectorSettings, Host, Observation, RuleSet, StateReader, StateWriter } from '#detection';
import { parseDuration } from '#time';

/** Event time '0s' of a timeline. */
export const timelineStart = Date.UTC(2026, 0, 15, 12);

export interface TimelineSettings extends Partial<DetectorSettings> {
  /** Index that the rules were compiled with. */
  readonly index?: FieldIndex;
}

/** How one event of a timeline differs from the usual. */
export interface EventTiming {
  readonly source?: string;
  /** Wall clock of its arrival as an offset; by default the event's own time, or the latest arrival if that is later. */
  readonly arrival?: string | number;
  /** The stamp the line carried, where it was not believed. */
  readonly stamp?: string | number;
}

/** A signal in the words of a timeline. */
export interface TimelineSignal {
  readonly rule: string;
  readonly groupKey: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** State in memory, as a store would keep it. */
export class MemoryState implements StateReader, StateWriter {
  readonly map = new Map<string, Uint8Array>();
  put(key: string, value: Uint8Array): void {
    this.map.set(key, Uint8Array.prototype.slice.call(value));
  }
  remove(key: string): void {
    this.map.delete(key);
  }
  entries(): Iterable<readonly [string, Uint8Array]> {
    return [...this.map];
  }
}

/** A detector driven by hand in event time: no log, no clock, no waiting. */
export class Timeline {
  readonly index: FieldIndex;
  readonly state = new MemoryState();
  readonly #rules: RuleSet;
  readonly #settings: DetectorSettings;
  readonly #events: Observation[] = [];
  readonly #latest = new Map<string, Signal>();
  #arrival = -Infinity;
  detector: Detector;

  constructor(rules: RuleSet, { index, ...settings }: TimelineSettings = {}) {
    this.#rules = rules;
    this.index = index ?? new FieldIndex();
    this.#settings = { ...defaultDetectorSettings, ...settings };
    this.detector = this.#build();
  }

  /** One event; the fields by name. */
  event(at: string | number, fields: Readonly<Record<string, FieldValue>>, timing: EventTiming = {}): this {
    const time = timelineStart + millis(at);
    this.#arrival = timing.arrival === undefined ? Math.max(this.#arrival, time) : timelineStart + millis(timing.arrival);
    const values: FieldValue[] = [];
    for (const [name, value] of Object.entries(fields)) values[this.index.slot(name)] = value;
    const offset = this.#events.length;
    const stamp = timing.stamp === undefined ? time : timelineStart + millis(timing.stamp);
    const observation = { time, stamp, offset, arrival: this.#arrival, source: timing.source ?? 'test', id: `event-${offset}`, values };
    this.#events.push(observation);
    this.detector.observe(observation);
    this.#collect();
    return this;
  }

  tick(at: string | number): this {
    this.#arrival = Math.max(this.#arrival, timelineStart + millis(at));
    this.detector.tick(timelineStart + millis(at));
    this.#collect();
    return this;
  }

  /** Saves, forgets the detector and goes on with one made from what was saved. */
  restart(rules: RuleSet = this.#rules): this {
    this.detector.save(this.state);
    this.detector = buildDetector({ rules, index: this.index, host: this.#host(), state: this.state, settings: this.#settings });
    return this;
  }

  finish(): this {
    this.detector.finish();
    this.#collect();
    return this;
  }

  /** The newest revision of every signal, in the order in which they were first seen. */
  all(): Signal[] {
    return [...this.#latest.values()];
  }

  /** What on-call would see: merged ones left out, in the words of a timeline. */
  signals(): TimelineSignal[] {
    return this.all()
      .filter(({ status }) => status !== 'merged')
      .map(({ rule, group, first, last, count }) => ({
        rule: rule.id,
        groupKey: Object.values(group).join(' '),
        from: offsetText(first),
        to: offsetText(last),
        count,
      }));
  }

  #collect(): void {
    if (this.detector.changed) for (const signal of this.detector.changes()) this.#latest.set(signal.id, signal);
  }

  #build(): Detector {
    return buildDetector({ rules: this.#rules, index: this.index, host: this.#host(), settings: this.#settings });
  }

  #host(): Host {
    return {
      resolve: ({ values }, slot) => values[slot],
      line: ({ offset }) => `line ${offset}`,
      recall: (offset) => this.#events[offset],
    };
  }
}

/** Starts a timeline: `timeline(rules).event('0s', {…}).event('5s', {…}).signals()`. */
export function timeline(rules: RuleSet, settings?: TimelineSettings): Timeline {
  return new Timeline(rules, settings);
}

function millis(at: string | number): number {
  if (typeof at === 'number') return at;
  const duration = parseDuration(at);
  if (duration === undefined) throw new Error(`Not a duration: ${at}`);
  return duration;
}

function offsetText(time: number): string {
  const offset = time - timelineStart;
  return offset % 1000 === 0 ? `${offset / 1000}s` : `${offset}ms`;
}
