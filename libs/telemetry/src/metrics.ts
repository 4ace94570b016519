import { collectDefaultMetrics, Counter as PromCounter, Gauge as PromGauge, Histogram as PromHistogram, Registry } from 'prom-client';
import { ServiceError } from './service-error.js';
import type { Counter, Gauge, Histogram, Labels, Metrics } from './telemetry.js';

/** Series of one metric beyond which new label values are counted as `other`: a label that an attacker can fill must not fill the memory. */
const maxSeries = 1000;
/** Begins every name of ours, so that no other exporter's can be meant. */
const prefix = 'gatewatch_';

export interface RenderedMetrics extends Metrics {
  /** Every metric in Prometheus' text format. */
  render(): Promise<string>;
  /** `Content-Type` of what `render` gives. */
  readonly contentType: string;
  /** Stops the measuring of the process. */
  close(): void;
}

export interface MetricsOptions {
  /** Also measure the process: CPU, memory, event loop, garbage collection. Default true. */
  readonly process?: boolean;
}

/**
 * Metrics over prom-client, in a registry of their own; each name is rendered with `gatewatch_` before it. Asking again for a metric gives the same one.
 * @throws ServiceError `metric_conflict` when a name is asked for again with another type or other labels.
 */
export function createMetrics({ process: ofProcess = true }: MetricsOptions = {}): RenderedMetrics {
  const registry = new Registry();
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const known = new Map<string, { readonly shape: string; readonly metric: unknown }>();

  const once = <T>(name: string, shape: string, make: () => T): T => {
    const present = known.get(name);
    if (!present) {
      const metric = make();
      known.set(name, { shape, metric });
      return metric;
    }
    if (present.shape !== shape)
      throw new ServiceError('metric_conflict', `Metric ${name} is ${present.shape} and was asked for as ${shape}.`);
    return present.metric as T;
  };

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    close: () => registry.clear(),
    counter: (name, help, labels = []) =>
      once<Counter>(name, `counter(${labels.join()})`, () => {
        const metric = new PromCounter({ name: prefix + name, help, labelNames: [...labels], registers: [registry] });
        const bound = boundLabels(labels);
        return { add: (amount, given) => metric.inc(bound(given), amount) };
      }),
    gauge: (name, help, labels = []) =>
      once<Gauge>(name, `gauge(${labels.join()})`, () => {
        const metric = new PromGauge({ name: prefix + name, help, labelNames: [...labels], registers: [registry] });
        const bound = boundLabels(labels);
        return { set: (value, given) => metric.set(bound(given), value), remove: (given) => metric.remove(given) };
      }),
    histogram: (name, help, buckets, labels = []) =>
      once<Histogram>(name, `histogram(${labels.join()})`, () => {
        const metric = new PromHistogram({
          name: prefix + name,
          help,
          buckets: [...buckets],
          labelNames: [...labels],
          registers: [registry],
        });
        const bound = boundLabels(labels);
        return { observe: (value, given) => metric.observe(bound(given), value) };
      }),
  };
}

/** Lets the first series through as they are; afterwards only those. */
function boundLabels(names: readonly string[]): (labels?: Labels) => Labels {
  if (names.length === 0) return () => ({});
  const seen = new Set<string>();
  const other = Object.fromEntries(names.map((name) => [name, 'other']));
  return (labels = {}) => {
    const key = names.map((name) => labels[name] ?? '').join('\u0000');
    if (seen.has(key)) return labels;
    if (seen.size >= maxSeries) return other;
    seen.add(key);
    return labels;
  };
}
