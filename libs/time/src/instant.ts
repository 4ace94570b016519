import { parseDuration, type Millis } from './duration.js';

/** An instant as people write one: ISO 8601 with a zone, milliseconds since 1970, `now`, or relative to now (`-1h`). `undefined`: not understood. */
export function instant(text: string, now: Millis): Millis | undefined {
  if (text === 'now') return now;
  if (text.startsWith('-')) {
    const back = parseDuration(text.slice(1));
    return back === undefined ? undefined : now - back;
  }
  // Ten digits are seconds: taken as milliseconds they would be January 1970, silently.
  if (/^\d{12,14}$/.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
