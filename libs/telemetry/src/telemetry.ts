/**
 * A log message is a constant sentence; facts go in fields. Levels by consequence: error = something was lost or a person must act,
 * warn = recovered, info = life cycle, debug = the rest.
 */
export interface Logger {
  error(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  debug(message: string, facts?: Facts): void;
}
export type Facts = Readonly<Record<string, unknown>>;

/** Counters and gauges with bounded labels; names as Prometheus wants them (`ingest_dead_letters_total`). */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): Histogram;
}
export type Labels = Readonly<Record<string, string>>;
export interface Counter {
  add(amount: number, labels?: Labels): void;
}
export interface Gauge {
  set(value: number, labels?: Labels): void;
  /** Forgets one series: what it speaks of is not here any more. */
  remove?(labels: Labels): void;
}
export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

export const silentLogger: Logger = { error() {}, warn() {}, info() {}, debug() {} };

export const noMetrics: Metrics = {
  counter: () => ({ add() {} }),
  gauge: () => ({ set() {} }),
  histogram: () => ({ observe() {} }),
};

/** A value that must not be printed. Every way of turning it into text gives `<secret>`. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself: call it only where it is used. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '<secret>';
  }
  toJSON(): string {
    return '<secret>';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '<secret>';
  }
}
