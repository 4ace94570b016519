import { failed, quoted, type Failure } from '../failure.js';
import type { Parse, Scope } from '../formats/format.js';
import type { LogEvent } from '../log-event.js';
import { DATASET } from '../slots.js';
import { takeStamp } from '../stamps/framed-time.js';
import { isoTime } from '../stamps/iso-time.js';
import { monthAt } from '../stamps/stamp.js';
import { fillAccess } from './access-line.js';

// nginx's $time_iso8601, Go and Java access logs; morgan's :date[web] and RFC 1123 elsewhere.
const dated =
  /^[^["]{1,300}\[(?:(\d{4}-\d\d-\d\d[T ][\d:.,]{8,18} ?(?:Z|[+-]\d\d:?\d\d)?)|[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) (?:GMT|UTC))\] "/;

/** An access line whose time in brackets is ISO 8601 or RFC 1123 and not the common log format's. */
export function looksLikeDatedAccess(line: string): boolean {
  return dated.test(line.slice(0, 400));
}

/** Reads such a line as a common or combined one. */
export const parseDatedAccess: Parse = (line: string, event: LogEvent, scope: Scope): Failure | undefined => {
  const part = dated.exec(line.slice(0, 400));
  if (!part) return failed('line_shape', `Expected an access line with an ISO time in brackets, found ${quoted(line)}.`);
  const bad = takeStamp(event, isoTime(part[1] ?? webDate(part), scope.zone), scope);
  if (bad) return bad;
  event.values[DATASET] = 'http.access';
  return fillAccess(event, line, line.indexOf('['), part[0].length - 3);
};

function webDate([, , day, month, year, clock]: RegExpExecArray): string {
  return `${year}-${String(monthAt(month!, 0)).padStart(2, '0')}-${day} ${clock}Z`;
}
