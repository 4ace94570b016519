import type { FieldIndex } from '#ecs';
import { ServiceError } from '#telemetry';
import { failed, quoted } from '../failure.js';
import { parseAccessLine, stampBracket } from '../http/access-line.js';
import { DATASET } from '../slots.js';
import type { SourceSettings } from '../source.js';
import { apache, apacheByFormat } from './apache/apache.js';
import { looksLikeApacheError, parseApacheError } from './apache/apache-error.js';
import { compileApacheFormat } from './apache/directives.js';
import type { Parse } from './format.js';
import { jsonParser, looksLikeJson } from './json/json.js';
import { nginx, nginxByFormat } from './nginx/nginx.js';
import { looksLikeNginxError, parseNginxError } from './nginx/nginx-error.js';
import { compileNginxFormat } from './nginx/variables.js';
import { sshd } from './sshd/sshd.js';
import { looksLikeSyslog } from './sshd/syslog.js';

/** Every log format by its name. */
export const formatNames = ['nginx', 'apache', 'json', 'sshd'] as const;
export type FormatName = (typeof formatNames)[number];

/**
 * The parser of a source. @throws ServiceError `source_invalid` when its `logFormat` cannot be compiled.
 */
export function formatOf(settings: SourceSettings, index: FieldIndex): Parse {
  const { format } = settings;
  // nginx with escape=json writes JSON, whatever the format's text.
  const custom = typeof format === 'object' && !format.logFormat.trimStart().startsWith('{');
  if (custom) return customFormat(settings.name, format);
  if (format === 'nginx') return nginx.parse;
  if (format === 'apache') return apache.parse;
  if (format === 'sshd') return sshd.parse;
  const json = jsonParser({ index, mapping: settings.mapping, textFormat });
  return format !== 'auto'
    ? json
    : (line, event, scope) => (looksLikeJson(line) ? json : (textFormat(line) ?? unknownFormat))(line, event, scope);
}

/**
 * The text format of a line by its looks alone. The looks exclude each other (a syslog line begins with a month or an ISO date, nginx's error log with
 * `2026/01/15`, Apache's with `[Thu Oct`, an access line holds `[17/May/2015:`), so nothing need be remembered from line to line and how the log was cut into batches cannot matter.
 */
export function textFormat(line: string): Parse | undefined {
  const first = line.charCodeAt(0);
  if (first === 91 && looksLikeApacheError(line)) return parseApacheError;
  if (first >= 48 && first <= 57 && looksLikeNginxError(line)) return parseNginxError;
  if (looksLikeSyslog(line)) return sshd.parse;
  return stampBracket(line) >= 0 ? access : undefined;
}

/** An access line of which nobody said who wrote it: nginx's and Apache's combined formats are the same. */
const access: Parse = (line, event, scope) => {
  event.values[DATASET] = 'http.access';
  return parseAccessLine(line, event, scope);
};

const unknownFormat: Parse = (line) =>
  failed(
    'format_unknown',
    `Expected an nginx, Apache, JSON or syslog line, found ${quoted(line)}; set the source's format if it is another.`,
  );

function customFormat(source: string, { kind, logFormat }: { kind: 'nginx' | 'apache'; logFormat: string }): Parse {
  const result = compileLogFormat(kind, logFormat);
  if (!result.ok) throw new ServiceError('source_invalid', `Source "${source}": the log format cannot be read: ${result.problem}.`);
  return kind === 'nginx' ? nginxByFormat(result.format) : apacheByFormat(result.format);
}

/** Compiles a `log_format` or `LogFormat`, or says in a sentence why it cannot be. */
export function compileLogFormat(kind: 'nginx' | 'apache', text: string): ReturnType<typeof compileNginxFormat> {
  return kind === 'nginx' ? compileNginxFormat(text) : compileApacheFormat(text);
}
