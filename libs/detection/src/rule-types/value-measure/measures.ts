/** What is made of the values of a window. `own` is the value of the event that the window belongs to. */
export type Measure = (values: readonly number[], own: number) => number;

/** A kind of measure. */
export interface MeasureKind {
  /** Values are numbers, or texts of which only sameness counts, or not looked at. */
  readonly reads: 'number' | 'text' | 'nothing';
  /** More events can only make it larger, so an upper bound can be judged only when the window is over. */
  readonly grows: boolean;
  readonly of: Measure;
}

const sum: Measure = (values) => values.reduce((total, value) => total + value, 0);

/** Nearest rank: the smallest value that at least `percent` of all are not above (ISO 2602; https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!;
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const share: Measure = (values, own) => (values.filter((value) => value === own).length / values.length) * 100;

/** The measure of a rule type. `percent` is `value_percentile`'s setting; without it the share of the event's own value is meant. */
export function measureOf(type: string, percent: number | undefined): MeasureKind {
  switch (type) {
    case 'event_count':
      return { reads: 'nothing', grows: true, of: (values) => values.length };
    case 'value_count':
      return { reads: 'text', grows: true, of: (values) => new Set(values).size };
    case 'value_sum':
      return { reads: 'number', grows: true, of: sum };
    case 'value_avg':
      return { reads: 'number', grows: false, of: (values) => sum(values, 0) / values.length };
    case 'value_min':
      return { reads: 'number', grows: false, of: (values) => values.reduce((least, value) => Math.min(least, value), Infinity) };
    case 'value_max':
      return { reads: 'number', grows: false, of: (values) => values.reduce((most, value) => Math.max(most, value), -Infinity) };
    case 'value_median':
      return { reads: 'number', grows: false, of: (values) => median(values) };
    default:
      return percent === undefined
        ? { reads: 'text', grows: false, of: share }
        : { reads: 'number', grows: false, of: (values) => percentile(values, percent) };
  }
}
