import type { Failure } from '../../failure.js';
import type { LogEvent } from '../../log-event.js';
import { clfTime } from '../../stamps/clf-time.js';
import { takeFrameTime, takeStamp } from '../../stamps/framed-time.js';
import { isoTime } from '../../stamps/iso-time.js';
import { badStamp, clockTime, inZone, monthAt, twoDigits, wallTime, type Stamp } from '../../stamps/stamp.js';
import type { Scope } from '../format.js';

/** One framework's access line. The text is without colours; of groups, those that a line has are filled. */
export interface Shape {
  readonly dataset: string;
  readonly pattern: RegExp;
  readonly stamp: (event: LogEvent, groups: Groups, scope: Scope) => Failure | undefined;
}
export type Groups = Readonly<Record<string, string | undefined>>;

const untimed = (event: LogEvent, _: Groups, scope: Scope): undefined => takeFrameTime(event, scope) as undefined;
const iso = (event: LogEvent, groups: Groups, scope: Scope): Failure | undefined =>
  takeStamp(event, isoTime(groups['time']!, scope.zone), scope);
const clfWithBlank = (event: LogEvent, groups: Groups, scope: Scope): Failure | undefined =>
  takeStamp(event, blankTime(groups['time']!, scope), scope);

const methods = 'GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PROPFIND|QUERY';
const request = '"(?<request>(?:[^"\\\\]|\\\\.){0,8192})"';

// Anchored at both ends where the line is free text otherwise, so that a message is not taken for a request.
export const shapes: readonly Shape[] = [
  // INFO:     127.0.0.1:51234 - "GET /items HTTP/1.1" 200 OK
  {
    dataset: 'uvicorn.access',
    pattern: new RegExp(
      `^(?:(?<time>\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?(?:Z|[+-]\\d\\d:?\\d\\d)?) (?:- )?)?(?:(?<level>INFO|WARNING|ERROR|DEBUG)(?::[\\w.]{1,64})?:? *)?(?<source>[\\da-fA-F.:[\\]]{2,64}) - ${request} (?<status>\\d{3})(?: [\\w' -]{1,40})?$`,
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
  // INFO:     127.0.0.1:51234 - "WebSocket /ws" [accepted], or 403
  {
    dataset: 'uvicorn.access',
    pattern: new RegExp(
      `^(?<level>INFO|WARNING|ERROR|DEBUG):? +\\(?'?(?<source>[\\da-fA-F.:[\\]]{2,64})(?:', \\d{1,5}\\))? - "WebSocket (?<target>[^"\\s]{1,8192})" (?:\\[accepted\\]|(?<status>\\d{3}))$`,
    ),
    stamp: untimed,
  },
  // [15/Jan/2026 10:05:03] without more is Django; what Go's chi writes: 2026/01/15 10:05:03 [host/1] "GET http://h/a HTTP/1.1" from 127.0.0.1:5 - 200 12B in 1.2ms
  {
    dataset: 'chi.access',
    pattern: new RegExp(
      `^(?<time>\\d{4}\\/\\d\\d\\/\\d\\d \\d\\d:\\d\\d:\\d\\d) (?:\\[[^\\]]{1,128}\\] )?${request} from (?<source>[\\da-fA-F.:[\\]]{2,64}) - (?<status>\\d{3}) (?<bytes>\\d{1,18})B in (?<took>[\\d.hmnu\u00b5\u03bcs]{1,24})$`,
    ),
    stamp: iso,
  },
  // 10:05:03 | 200 |  1.2ms | 127.0.0.1 | GET | /path | -
  {
    dataset: 'fiber.access',
    pattern:
      /^(?:\[?\d\d:\d\d:\d\d\]? \| )(?<status>\d{3}) \| +(?<took>[\d.hmnu\u00b5\u03bcs]{1,24}) \| +(?<source>[\da-fA-F.:]{2,64}) \| (?<method>[A-Z]{3,16}) +\| (?<target>\/\S{0,8192}) *(?:\|.{0,1024})?$/,
    stamp: untimed,
  },
  // uWSGI: [pid: 12|app: 0|req: 1/1] 127.0.0.1 (alice) {32 vars in 500 bytes} [Thu Jan 15 10:05:03 2026] GET /a => generated 12 bytes in 4 msecs (HTTP/1.1 200) …
  {
    dataset: 'uwsgi.access',
    pattern:
      /^\[pid: \d{1,10}\|app: \S{1,10}\|req: [\d/]{1,40}\] (?<source>\S{1,255}) \((?<user>[^)]{0,255})\) \{[^}]{0,80}\} \[(?<time>[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})\] (?<method>[A-Z]{3,16}) (?<target>\S{1,8192}) => generated (?<bytes>\d{1,18}) bytes in (?<took>\d{1,12} (?:msecs|us))\s?\(HTTP\/(?<version>[\d.]{1,4}) (?<status>\d{3})\)/,
    stamp: (event, groups, scope) => takeStamp(event, ctime(groups['time']!, scope), scope),
  },
  // Rails: Started GET "/a" for 127.0.0.1 at 2026-01-15 10:05:03 +0000. The answer is in a line of its own.
  {
    dataset: 'rails.access',
    pattern:
      /^Started (?<method>[A-Z]{3,16}) "(?<target>[^"]{1,8192})" for (?<source>[\da-fA-F.:]{2,64}) at (?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})$/,
    stamp: iso,
  },
  // PHP-FPM: 127.0.0.1 - alice 15/Jan/2026:10:05:03 +0000 "GET /index.php" 200
  {
    dataset: 'php-fpm.access',
    pattern: new RegExp(
      `^(?<source>[\\da-fA-F.:]{2,64}|-) - (?<user>\\S{0,255}) {1,2}(?<time>\\d\\d\\/[A-Z][a-z]{2}\\/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}) "(?<method>${methods}) (?<target>[^"\\s]{1,8192})" (?<status>\\d{3})(?: .{0,512})?$`,
    ),
    stamp: (event, groups, scope) => takeStamp(event, clfTime(groups['time']!, 0, scope.zone), scope),
  },
  // Zoraxy: 2026/01/15 10:05:03 [2026-01-15 10:05:03.15] [router:host-http] [origin:h] [client: 127.0.0.1] [useragent: x] GET /a 404
  {
    dataset: 'zoraxy.access',
    pattern:
      /^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )?\[(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?)\] \[router:[^\]]{0,128}\] \[origin: ?(?<host>[^\]]{0,255})\] \[client: ?(?<source>[\da-fA-F.:]{2,64})\](?: \[useragent: ?(?<agent>.{0,2048}?)\])? (?<method>[A-Z]{3,16}) (?<target>\/\S{0,8192}) (?<status>\d{3})$/,
    stamp: iso,
  },
  // What NestJS tutorials and the like log: GET /a 200 12 - curl/8 127.0.0.1; GET /a 200 12ms - 127.0.0.1
  {
    dataset: 'nest.access',
    pattern: new RegExp(
      `^(?<method>${methods}) (?<target>\\/\\S{0,8192}) (?<status>\\d{3})(?: (?:(?<took>\\d{1,9}(?:\\.\\d{1,6})? ?ms)|(?<bytes>\\d{1,18}|-|undefined)))? - (?:(?<agent>\\S.{0,1024}) )?(?<source>[\\da-fA-F.:]{3,64})$`,
    ),
    stamp: untimed,
  },
];

/** `Thu Jan 15 10:05:03 2026`, without zone. */
function ctime(text: string, { zone }: Scope): Stamp {
  const day = Number(text.slice(8, 10));
  const clock = clockTime(twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17));
  const wall = wallTime(Number(text.slice(20, 24)), monthAt(text, 4), day, clock);
  return Number.isNaN(wall) ? badStamp(text, 'such as "Thu Jan 15 10:05:03 2026"') : inZone(wall, zone, text);
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
