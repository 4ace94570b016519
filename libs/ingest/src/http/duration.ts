const units: Readonly<Record<string, number>> = {
  h: 3.6e12,
  m: 6e10,
  min: 6e10,
  s: 1e9,
  sec: 1e9,
  secs: 1e9,
  ms: 1e6,
  msec: 1e6,
  msecs: 1e6,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ns: 1,
};
const whole = /^(?:\d{1,15}(?:\.\d{1,9})? ?(?:h|msecs?|ms|min|m|us|µs|μs|ns|secs?|s) ?){1,4}$/;
const part = /(\d{1,15}(?:\.\d{1,9})?) ?(h|msecs?|ms|min|m|us|µs|μs|ns|secs?|s)/g;

/** A time span that names its units (`340.5µs`, Go's `1m2.5s`, `12 ms`) in nanoseconds; `undefined` for a bare number and for anything else. */
export function nanosOf(text: string): number | undefined {
  if (text.length > 64 || !whole.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(part)) total += Number(number) * units[unit!]!;
  return Math.round(total);
}
