import { clfTime } from '../../stamps/clf-time.js';
import { takeFrameTime, takeStamp } from '../../stamps/framed-time.js';
import { isoTime } from '../../stamps/iso-time.js';
import type { Shape } from './shapes.js';

const methods = 'GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PROPFIND|QUERY';
const request = '"(?<request>(?:[^"\\\\]|\\\\.){0,8192})"';
const combined = `${request} (?<status>\\d{3}) (?<bytes>\\d{1,18}|-) "(?<referrer>(?:[^"\\\\]|\\\\.){0,4096})" "(?<agent>(?:[^"\\\\]|\\\\.){0,4096})"`;
const address = '(?<source>[\\da-fA-F.:[\\]]{2,64})';

const untimed: Shape['stamp'] = (event, _, scope) => takeFrameTime(event, scope) as undefined;
const iso: Shape['stamp'] = (event, groups, scope) => takeStamp(event, isoTime(groups['time']!.trim(), scope.zone), scope);
const clf: Shape['stamp'] = (event, groups, scope) => takeStamp(event, clfTime(groups['time']!, 0, scope.zone), scope);

/** Lines of application servers and gateways that are neither common log format nor JSON, as their documentation gives them. */
export const serverShapes: readonly Shape[] = [
  // chi: 2026/01/15 10:05:03 [host/abc-000001] "GET http://host/a HTTP/1.1" from 10.0.0.1:4711 - 200 12B in 1.2ms
  {
    dataset: 'chi.access',
    pattern: new RegExp(
      `^(?<time>\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d) (?:\\[(?<id>[^\\]]{1,128})\\] )?${request} from ${address} - (?<status>\\d{3}) (?<bytes>\\d{1,18})B in (?<took>\\S{1,24})$`,
    ),
    stamp: iso,
  },
  // Fiber: 10:05:03 | 200 |  1.2ms | 10.0.0.1 | GET | /a | -
  {
    dataset: 'fiber.access',
    pattern: new RegExp(
      `^\\d\\d:\\d\\d:\\d\\d \\| *(?<status>\\d{3}) *\\| *(?<took>\\S{1,24}) *\\| *${address} *\\| *(?<method>${methods}) *\\| *(?<target>/[^ |]{0,8192})(?: *\\| *[^|]{0,1024})?$`,
    ),
    stamp: untimed,
  },
  // actix-web behind env_logger or bare: [2026-01-15T10:05:03Z INFO  actix_web::middleware::logger] 10.0.0.1 "GET /a HTTP/1.1" 200 12 "-" "curl/8" 0.000123
  {
    dataset: 'actix.access',
    pattern: new RegExp(
      `^\\[(?<time>\\S{20,35}) +(?<level>[A-Z]{4,5}) +actix_web::middleware::logger\\] ${address} ${combined} (?<seconds>\\d{1,7}\\.\\d{1,9})$`,
    ),
    stamp: iso,
  },
  {
    dataset: 'actix.access',
    pattern: new RegExp(`^${address} ${combined} (?<seconds>\\d{1,7}\\.\\d{1,9})$`),
    stamp: untimed,
  },
  // Rails: Started GET "/a?x=1" for 10.0.0.1 at 2026-01-15 10:05:03 +0100, with the logger's and the request's tags before it
  {
    dataset: 'rails.access',
    pattern: new RegExp(
      `^(?:[DIWEF], \\[[^\\]]{20,64}\\] +[A-Z]{4,5} -- [^:]{0,64}: )?(?:\\[(?<id>[^\\]]{1,128})\\] )?Started (?<method>[A-Z]{3,16}) "(?<target>[^"]{1,8192})" for ${address} at (?<time>\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d [+-]\\d{4})$`,
    ),
    stamp: iso,
  },
  // PHP-FPM's access.format, default and the one of its example: 10.0.0.1 - bob 15/Jan/2026:10:05:03 +0000 "GET /a.php" 200 /var/www/a.php 12.345 2048 90.00%
  {
    dataset: 'php_fpm.access',
    pattern: new RegExp(
      `^(?<source>[\\da-fA-F.:]{2,64}|-) - (?<user>[^ ]{0,255}) (?<time>\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}) ${request} (?<status>\\d{3})(?: \\S{1,4096} (?<took>\\d{1,9}\\.\\d{3}) \\d{1,12} [\\d.]{1,8}%)?$`,
    ),
    stamp: clf,
  },
  // Django's verbose formatter: INFO 2026-01-15 10:05:03,123 basehttp 12 140 "GET /a HTTP/1.1" 200 12
  {
    dataset: 'django.access',
    pattern: new RegExp(
      `^(?<level>INFO|WARNING|ERROR) (?<time>\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:,\\d{3})?) basehttp \\d{1,10} \\d{1,20} ${request} (?<status>\\d{3}) (?<bytes>\\d{1,18}|-)$`,
    ),
    stamp: iso,
  },
  // morgan's tiny and dev behind a time: [2026-01-15T10:05:03.123Z] GET /a 200 12 - 1.2 ms
  {
    dataset: 'morgan.access',
    pattern: new RegExp(
      `^\\[?(?<time>\\d{4}-\\d\\d-\\d\\d[T ][\\d:.]{8,16}(?:Z|[+-]\\d\\d:?\\d\\d)?)\\]? (?<method>${methods}) (?<target>/\\S{0,8192}) (?:HTTP/(?<version>[\\d.]{1,4}) )?(?<status>\\d{3}) (?:(?<bytes>\\d{1,18}|-) - )?(?<took>\\d{1,9}(?:\\.\\d{1,6})?) ms(?: - (?:\\d{1,18}|-))?$`,
    ),
    stamp: iso,
  },
  // API Gateway's CSV: address,caller,user,15/Jan/2026:10:05:03 +0000,GET,/a,HTTP/1.1,200,512,id
  {
    dataset: 'aws.apigateway',
    pattern:
      /^(?<source>[\da-fA-F.:]{2,64}),[^,]{1,255},(?<user>[^,]{1,255}),(?<time>\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}),(?<method>[A-Z]{3,16}),(?<target>\/[^,]{0,8192}),HTTP\/(?<version>[\d.]{1,4}),(?<status>\d{3}),(?<bytes>\d{1,18}|-),(?<id>[\w=-]{1,128})$/,
    stamp: clf,
  },
  // and its XML: <request id="…"> <ip>…</ip> <caller>…</caller> <user>…</user> <requestTime>…</requestTime> …
  {
    dataset: 'aws.apigateway',
    pattern:
      /^<request id="(?<id>[\w=-]{1,128})">\s?<ip>(?<source>[\da-fA-F.:]{2,64})<\/ip>\s?<caller>[^<]{0,255}<\/caller>\s?<user>(?<user>[^<]{0,255})<\/user>\s?<requestTime>(?<time>[^<]{26})<\/requestTime>\s?<httpMethod>(?<method>[A-Z]{3,16})<\/httpMethod>\s?<resourcePath>(?<target>\/[^<]{0,8192})<\/resourcePath>\s?<status>(?<status>\d{3})<\/status>\s?<protocol>HTTP\/(?<version>[\d.]{1,4})<\/protocol>\s?<responseLength>(?<bytes>\d{1,18}|-)<\/responseLength>\s?<\/request>$/,
    stamp: clf,
  },
  // IIS's own format: address, user, 1/15/26, 10:05:03, service, server, address, ms, received, sent, status, code, GET, /a, query,
  {
    dataset: 'iis.access',
    pattern:
      /^(?<source>[\da-fA-F.:]{2,64}), (?<user>[^,]{1,255}), (?<month>\d{1,2})\/(?<day>\d{1,2})\/(?<year>\d{2}(?:\d\d)?), (?<clock>\d{1,2}:\d\d:\d\d), W3SVC\d{0,10}, [^,]{1,255}, [\da-fA-F.:]{2,64}, (?<took>\d{1,12}), \d{1,18}, (?<bytes>\d{1,18}), (?<status>\d{3}), \d{1,10}, (?<method>[A-Z]{3,32}), (?<target>\/[^,]{0,8192}), (?<query>[^,]{1,8192}),?$/,
    stamp: (event, groups, scope) => {
      const { year, month, day, clock } = groups as Readonly<Record<'year' | 'month' | 'day' | 'clock', string>>;
      const date = `${year.length === 2 ? `20${year}` : year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
      return takeStamp(event, isoTime(`${date} ${clock.padStart(8, '0')}`, scope.zone), scope);
    },
  },
];
