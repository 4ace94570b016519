/** Milliseconds. Every duration and instant inside the code is in this unit; people write "5m". */
export type Millis = number;
/** An instant in event time: milliseconds since the Unix epoch, as the log tells it. */
export type EventTime = number;

const units: Record<string, Millis> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
};

/**
 * Reads "90s", "5m", "1h30m", "30d". Sigma's timespans have the same units; `M` is 30 and `y` 365 days, since a window needs a fixed length.
 * Returns `undefined` for anything else: the caller knows the place to name in its error.
 */
export function parseDuration(text: string): Millis | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w|M|y)/gy)];
  if (parts.length === 0 || parts.reduce((length, [part]) => length + part.length, 0) !== text.length) return undefined;
  return parts.reduce((total, [, amount, unit]) => total + Number(amount) * units[unit!]!, 0);
}

/** The two largest units that matter: 250000 → "4m 10s". */
export function formatDuration(millis: Millis): string {
  if (millis < 1000) return `${Math.round(millis)}ms`;
  const words: string[] = [];
  let rest = Math.round(millis / 1000) * 1000;
  for (const unit of ['d', 'h', 'm', 's']) {
    const amount = Math.floor(rest / units[unit]!);
    if (amount > 0) words.push(`${amount}${unit}`);
    rest -= amount * units[unit]!;
  }
  return words.slice(0, 2).join(' ');
}
