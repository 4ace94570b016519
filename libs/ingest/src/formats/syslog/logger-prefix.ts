/** What an application's logger writes before the message of an access logger. */
export interface LoggerPrefix {
  /** As written, or nothing: then the message tells the time, or nobody. */
  readonly time: string | undefined;
  readonly level: string;
  readonly length: number;
}

const level = '(?<level>TRACE|DEBUG|INFO|LOG|NOTICE|WARN|WARNING|ERROR|trace|debug|info|notice|warn|warning|error)';
const iso = '(?<time>\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?(?: ?(?:Z|[+-]\\d\\d:?\\d\\d))?)';
const name = '[A-Za-z_][\\w.:]{0,127}';

const shapes: readonly RegExp[] = [
  // gunicorn, hypercorn: [2026-01-15 10:05:03 +0000] [12] [INFO] ; Monolog, Bunyan's text: [2026-01-15 10:05:03] INFO:
  new RegExp(`^\\[${iso}\\] (?:\\[\\d{1,10}\\] )?\\[?${level}\\]?:? (?:\\[${name}\\] )?`),
  // Rust's env_logger: [2026-01-15T10:05:03Z INFO  actix_web::middleware::logger]
  new RegExp(`^\\[${iso} ${level} {1,2}${name}\\] `),
  // Python, winston, logback: 2026-01-15 10:05:03,123 - name - INFO - ; 2026-01-15T10:05:03.123Z [info]: ; 2026-01-15 10:05:03,123 INFO name:
  new RegExp(`^${iso}:? (?:- )?(?:${name} (?:- )?)?\\[?${level}\\]?:?(?: ${name}:| \\[${name}\\])? (?:- )?`),
  // Python's basicConfig: INFO:aiohttp.access:
  new RegExp(`^${level}:${name}:(?=\\S)`),
  // Rails: I, [2026-01-15T10:05:03.123456 #12]  INFO -- : [request id]
  new RegExp(`^[DIWEF], \\[${iso} #\\d{1,10}\\] {1,2}${level} -- [\\w.]{0,64}: (?:\\[[\\w.:-]{1,64}\\] ){0,4}`),
];
// [Nest] 1234  - 01/15/2026, 10:05:03 AM     LOG [HTTP]
const nest = new RegExp(
  `^\\[Nest\\] \\d{1,10} {1,4}- (?<month>\\d\\d)/(?<day>\\d\\d)/(?<year>\\d{4}), (?<hour>\\d{1,2}):(?<clock>\\d\\d:\\d\\d) (?<half>[AP])M {1,8}${level} (?:\\[[^\\]]{1,64}\\] )?`,
);

/** The prefix of a line, if it has one. Whether the line is read without it depends on what follows. */
export function loggerPrefix(line: string): LoggerPrefix | undefined {
  const text = line.slice(0, 320);
  if (text.startsWith('[Nest]')) return nestPrefix(text);
  for (const shape of shapes) {
    const part = shape.exec(text);
    if (part?.groups) return { time: part.groups['time'], level: part.groups['level']!, length: part[0].length };
  }
  return undefined;
}

function nestPrefix(text: string): LoggerPrefix | undefined {
  const part = nest.exec(text);
  const groups = part?.groups;
  if (!part || !groups) return undefined;
  const hour = (Number(groups['hour']) % 12) + (groups['half'] === 'P' ? 12 : 0);
  return {
    time: `${groups['year']}-${groups['month']}-${groups['day']} ${String(hour).padStart(2, '0')}:${groups['clock']}`,
    level: groups['level']!,
    length: part[0].length,
  };
}
