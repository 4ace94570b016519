import { failed, quoted, type Failure } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { fillSource } from '../../http/address.js';
import { numberOf, present, statusOf } from '../../http/columns.js';
import { fillRequest, fillTarget } from '../../http/request.js';
import type { LogEvent } from '../../log-event.js';
import { BODY_BYTES, DATASET, DURATION, LEVEL, METHOD, MODULE, STATUS, USER } from '../../slots.js';
import { takeFrameTime, takeStamp } from '../../stamps/framed-time.js';
import { isoTime } from '../../stamps/iso-time.js';
import { badStamp, clockTime, inZone, monthAt, twoDigits, wallTime, type Stamp } from '../../stamps/stamp.js';
import type { Format, Parse, Scope } from '../format.js';

/** One framework's access line. The text is without colours; of groups, those that a line has are filled. */
interface Shape {
  readonly dataset: string;
  readonly pattern: RegExp;
  readonly stamp: (event: LogEvent, groups: Groups, scope: Scope) => Failure | undefined;
}
type Groups = Readonly<Record<string, string | undefined>>;

const untimed = (event: LogEvent, _: Groups, scope: Scope): undefined => takeFrameTime(event, scope) as undefined;
const iso = (event: LogEvent, groups: Groups, scope: Scope): Failure | undefined =>
  takeStamp(event, isoTime(groups['time']!, scope.zone), scope);
const clfWithBlank = (event: LogEvent, groups: Groups, scope: Scope): Failure | undefined =>
  takeStamp(event, blankTime(groups['time']!, scope), scope);

const methods = 'GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PROPFIND|QUERY';
const request = '"(?<request>(?:[^"\\\\]|\\\\.){0,8192})"';

// Anchored at both ends where the line is free text otherwise, so that a message is not taken for a request.
const shapes: readonly Shape[] = [
  // INFO:     127.0.0.1:51234 - "GET /items HTTP/1.1" 200 OK
  {
    dataset: 'uvicorn.access',
    pattern: new RegExp(
      `^(?:(?<time>\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?(?:Z|[+-]\\d\\d:?\\d\\d)?) (?:- )?)?(?<level>INFO|WARNING|ERROR|DEBUG):? +(?<source>[\\da-fA-F.:[\\]]{2,64}) - ${request} (?<status>\\d{3})(?: [\\w' -]{1,40})?$`,
    ),
    stamp: (event, groups, scope) => (groups['time'] === undefined ? untimed(event, groups, scope) : iso(event, groups, scope)),
  },
  // [15/Jan/2026 10:05:03] "GET / HTTP/1.1" 200 5
  {
    dataset: 'django.access',
    pattern: new RegExp(
      `^\\[(?<time>\\d\\d\\/[A-Z][a-z]{2}\\/\\d{4} \\d\\d:\\d\\d:\\d\\d)\\] ${request} (?<status>\\d{3}) (?<bytes>\\d{1,18}|-)$`,
    ),
    stamp: clfWithBlank,
  },
  // 127.0.0.1 - - [15/Jan/2026 10:05:03] "GET / HTTP/1.1" 200 -
  {
    dataset: 'werkzeug.access',
    pattern: new RegExp(
      `^(?<source>\\S{1,255}) - (?<user>\\S{1,255}) \\[(?<time>\\d\\d\\/[A-Z][a-z]{2}\\/\\d{4} \\d\\d:\\d\\d:\\d\\d)\\] ${request} (?<status>\\d{3}) (?<bytes>\\d{1,18}|-)`,
    ),
    stamp: clfWithBlank,
  },
  // [GIN] 2026/01/15 - 10:05:03 | 200 |     1.234ms |    127.0.0.1 | GET      "/path"
  {
    dataset: 'gin.access',
    pattern:
      /^\[GIN\] (?<time>\d{4}\/\d\d\/\d\d - \d\d:\d\d:\d\d) \| *(?<status>\d{3}) *\| *(?<took>[\d.hmnuµ\u00b5s]{1,24}) *\| *(?<source>[\da-fA-F.:]{0,64}) *\| *(?<method>[A-Z]{1,16}) +"?(?<target>[^"]{1,8192})"?$/,
    stamp: (event, groups, scope) => takeStamp(event, isoTime(groups['time']!.replace(' - ', ' '), scope.zone), scope),
  },
  // morgan dev: GET /path 200 1.234 ms - 15
  {
    dataset: 'morgan.access',
    pattern: new RegExp(
      `^(?<method>${methods}) (?<target>\\S{1,8192}) (?<status>\\d{3}|-) (?<took>[\\d.]{1,16}|-) ms - (?<bytes>\\d{1,18}|-)$`,
    ),
    stamp: untimed,
  },
  // morgan tiny: GET /path 200 15 - 1.234 ms; short: 127.0.0.1 - GET /path HTTP/1.1 200 15 - 1.234 ms
  {
    dataset: 'morgan.access',
    pattern: new RegExp(
      `^(?:(?<source>[\\da-fA-F.:]{2,64}) (?<user>\\S{1,255}) )?(?<method>${methods}) (?<target>\\S{1,8192}) (?:HTTP\\/(?<version>[\\d.]{1,4}) )?(?<status>\\d{3}|-) (?<bytes>\\d{1,18}|-) - (?<took>[\\d.]{1,16}|-) ms$`,
    ),
    stamp: untimed,
  },
];

// eslint-disable-next-line no-control-regex
const colours = /\u001b\[[\d;]{0,16}m/g;
const maxLine = 20_000;

/** The parser of a line that a web framework's own server wrote, if it is one. Costs nothing for lines that begin otherwise. */
export function frameworkByLook(line: string): Parse | undefined {
  return matchShape(line) ? framework.parse : undefined;
}

/** Access lines of frameworks' own servers: uvicorn, Django, Flask, gin, morgan. Gunicorn's and morgan's combined are read as Apache's. */
export const framework: Format = {
  name: 'framework',
  parse(line, event, scope) {
    const found = matchShape(line);
    if (!found) return failed('line_shape', `Expected an access line of uvicorn, Django, Flask, gin or morgan, found ${quoted(line)}.`);
    const { shape, groups } = found;
    const bad = shape.stamp(event, groups, scope);
    if (bad) return bad;
    event.values[MODULE] = shape.dataset.slice(0, shape.dataset.indexOf('.'));
    event.values[DATASET] = shape.dataset;
    fillGroups(event, groups);
    finishAccess(event);
    return undefined;
  },
};

function matchShape(line: string): { shape: Shape; groups: Groups } | undefined {
  if (line.length > maxLine) return undefined;
  const text = line.includes('\u001b') ? line.replace(colours, '') : line;
  for (const shape of shapes) {
    const groups = shape.pattern.exec(text)?.groups;
    if (groups) return { shape, groups };
  }
  return undefined;
}

function fillGroups(event: LogEvent, groups: Groups): void {
  const { values } = event;
  if (groups['request'] !== undefined) fillRequest(event, groups['request'], 0, groups['request'].length);
  if (groups['method'] !== undefined) values[METHOD] = groups['method'];
  if (groups['target'] !== undefined) fillTarget(event, groups['target']);
  values[STATUS] = statusOf(groups['status']);
  values[BODY_BYTES] = numberOf(present(groups['bytes']));
  if (groups['source'] !== undefined) fillSource(event, groups['source']);
  if (present(groups['user'])) values[USER] = groups['user'];
  if (groups['level'] !== undefined) values[LEVEL] = groups['level'].toLowerCase();
  const took = durationOf(present(groups['took']));
  if (took !== undefined) values[DURATION] = took;
}

const units: Readonly<Record<string, number>> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 };

/** Go's durations, `1m2.5s` or `340.5µs`, in nanoseconds; a number without unit is morgan's milliseconds. */
function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[\d.]+$/.test(text)) return Number.isFinite(Number(text)) ? Math.round(Number(text) * 1e6) : undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|us|µs|ns|s)/g)) total += Number(number) * units[unit!]!;
  return Math.round(total);
}

/** `15/Jan/2026 10:05:03`, always without zone. */
function blankTime(text: string, { zone }: Scope): Stamp {
  const wall = wallTime(
    Number(text.slice(7, 11)),
    monthAt(text, 3),
    twoDigits(text, 0),
    clockTime(twoDigits(text, 12), twoDigits(text, 15), twoDigits(text, 18)),
  );
  return Number.isNaN(wall) ? badStamp(text, 'such as "15/Jan/2026 10:05:03"') : inZone(wall, zone, text);
}
