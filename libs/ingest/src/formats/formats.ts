import type { FieldIndex, JsonObject } from '#ecs';
import { ServiceError } from '#telemetry';
import { directive, failed, quoted } from '../failure.js';
import { stampBracket } from '../http/access-line.js';
import { looksLikeDatedAccess, looksLikeLooseAccess, parseAnyAccess } from '../http/loose-access.js';
import type { LogEvent } from '../log-event.js';
import { DATASET } from '../slots.js';
import type { SourceSettings } from '../source.js';
import { apache, apacheByFormat } from './apache/apache.js';
import { looksLikeApacheError, parseApacheError } from './apache/apache-error.js';
import { compileApacheFormat } from './apache/directives.js';
import { cef, cefAt, looksLikeCef } from './cef/cef.js';
import { cloudfront, looksLikeCloudfront, looksLikeRealtime } from './cloudfront/cloudfront.js';
import { elb, elbByLook, looksLikeClassic } from './elb/elb.js';
import { envoy, looksLikeEnvoy } from './envoy/envoy.js';
import type { Format, Parse, Scope } from './format.js';
import type { LogFormatKind } from './format-names.js';
import { framework, frameworkByLook } from './framework/framework.js';
import { haproxy, looksLikeHaproxy } from './haproxy/haproxy.js';
import { jsonParser, looksLikeJson } from './json/json.js';
import { keycloakParser, looksLikeKeycloak } from './keycloak/keycloak.js';
import { logfmtParser, looksLikeLogfmt } from './logfmt/logfmt.js';
import { nginx, nginxByFormat } from './nginx/nginx.js';
import { looksLikeNginxError, parseNginxError } from './nginx/nginx-error.js';
import { compileNginxFormat } from './nginx/variables.js';
import { looksLikeS3, s3 } from './s3/s3.js';
import { looksLikeSpring, spring } from './spring/spring.js';
import { looksLikeSquid, squid } from './squid/squid.js';
import { sshd } from './sshd/sshd.js';
import { collectedLine } from './syslog/collected.js';
import { looksFramed } from './syslog/frame.js';
import { mayBePrefixed, prefixedBy } from './syslog/prefixed.js';
import { fillSyslog, framedParser, syslogParser } from './syslog/syslog.js';
import { looksLikeTraefik, traefik } from './traefik/traefik.js';
import { compileW3cFields } from './w3c/fields.js';
import { isDirective, looksLikeW3c, w3c, w3cByFields } from './w3c/w3c.js';

/** Formats that need nothing but the line, by name. */
const plainFormats = {
  nginx,
  apache,
  sshd,
  haproxy,
  traefik,
  envoy,
  elb,
  s3,
  cloudfront,
  w3c,
  squid,
  framework,
  spring,
  cef,
} as const satisfies Record<string, Format>;

/**
 * The parser of a source. A line in a syslog frame is read as what is in the frame, whatever the format.
 * @throws ServiceError `source_invalid` when its `logFormat` cannot be compiled.
 */
export function formatOf(settings: SourceSettings, index: FieldIndex): Parse {
  const { format } = settings;
  // nginx with escape=json writes JSON, whatever the format's text.
  const custom = typeof format === 'object' && !format.logFormat.trimStart().startsWith('{');
  if (custom) return customFormat(settings.name, format);
  // A line that a collector packed into JSON or syslog may hold syslog, JSON or text; each is unpacked once.
  const packed = (line: string): Parse | undefined => lineFormat(line, { syslog: syslogInJson, ...asJson });
  const collected = (document: JsonObject, event: LogEvent, scope: Scope): boolean => {
    const line = collectedLine(document, scope);
    if (line) fillSyslog(syslogParts, line, event, scope);
    return line !== undefined;
  };
  const json = jsonParser({ index, mapping: settings.mapping, textFormat: packed, collected });
  const asJson: AsJson = { logfmt: logfmtParser(json), keycloak: keycloakParser(json) };
  const textFormat = (line: string): Parse | undefined => contentFormat(line, asJson);
  const syslogParts = { textFormat, json, recordAt: cefAt };
  const syslog = syslogParser(syslogParts);
  const syslogInJson = syslogParser({ textFormat, json: unknownFormat, recordAt: cefAt });
  if (format === 'auto')
    return (line, event, scope) =>
      (looksLikeJson(line) ? json : (lineFormat(line, { syslog, ...asJson }) ?? unknownFormat))(line, event, scope);
  if (format === 'syslog') return syslog;
  if (format === 'sshd') return sshd.parse;
  if (format === 'logfmt' || format === 'keycloak') return framing(asJson[format]);
  if (format === 'json' || typeof format === 'object') return framing(json);
  return framing(plainFormats[format].parse);
}

/** A declared format, bare or in a syslog frame. Formats whose own lines may look framed are asked first. */
function framing(parse: Parse): Parse {
  const framed = framedParser(parse);
  return (line, event, scope) =>
    (looksFramed(line) && ownLook(line) === undefined && !(isDated(line) && looksLikeKeycloak(line)) ? framed : parse)(line, event, scope);
}

/** The formats whose lines begin with an ISO time, as syslog's may. */
function ownLook(line: string): Parse | undefined {
  const first = line.charCodeAt(0);
  if (first < 48 || first > 57 || line.charCodeAt(10) !== 84) return undefined;
  if (looksLikeClassic(line)) return elb.parse;
  if (looksLikeSpring(line)) return spring.parse;
  return frameworkByLook(line) ?? (looksLikeDatedAccess(line) ? access : undefined);
}

/** Text formats that are read as the JSON that says the same. */
interface AsJson {
  readonly logfmt: Parse;
  readonly keycloak: Parse;
}

interface Packed extends AsJson {
  readonly syslog: Parse;
}

/**
 * The text format of a line by its looks alone. The looks exclude each other (a syslog line begins with a month or an ISO date, nginx's error log with
 * `2026/01/15`, Apache's with `[Thu Oct`, an access line holds `[17/May/2015:`), so nothing need be remembered from line to line and how the log was cut into batches cannot matter.
 */
function lineFormat(line: string, parts: Packed): Parse | undefined {
  if (looksFramed(line)) return ownLook(line) ?? (isDated(line) && looksLikeKeycloak(line) ? parts.keycloak : parts.syslog);
  return contentFormat(line, parts);
}

/** The format of a line that is in no frame. What a common access line does not need is asked behind it. */
function contentFormat(line: string, asJson: AsJson): Parse | undefined {
  const first = line.charCodeAt(0);
  if (first === 91) {
    if (looksLikeApacheError(line)) return parseApacheError;
    if (looksLikeEnvoy(line)) return envoy.parse;
  } else if (first >= 48 && first <= 57 && looksLikeNginxError(line)) return parseNginxError;
  const prefixed = mayBePrefixed(line) ? prefixedBy(line, (rest) => contentFormat(rest, asJson)) : undefined;
  if (prefixed) return prefixed;
  const bracket = stampBracket(line);
  if (bracket < 0) return otherFormat(line, first, asJson) ?? (looksLikeLooseAccess(line) ? access : undefined);
  // The request follows right behind the time in an access line, and in no other.
  if (line.charCodeAt(bracket + 29) === 34) return looksLikeTraefik(line) ? traefik.parse : (quotedElsewhere(line, first) ?? access);
  if (looksLikeHaproxy(line, bracket)) return haproxy.parse;
  if (looksLikeS3(line, bracket)) return s3.parse;
  return otherFormat(line, first, asJson) ?? access;
}

/** Records that may quote an access line in a value. */
function quotedElsewhere(line: string, first: number): Parse | undefined {
  return first === 67 && looksLikeCef(line) ? cef.parse : undefined;
}

function otherFormat(line: string, first: number, { logfmt, keycloak }: AsJson): Parse | undefined {
  if (first >= 48 && first <= 57) {
    if (looksLikeCloudfront(line) || looksLikeRealtime(line)) return cloudfront.parse;
    if (looksLikeW3c(line)) return w3c.parse;
    if (looksLikeSquid(line)) return squid.parse;
    if (looksLikeSpring(line)) return spring.parse;
    if (isDated(line) && looksLikeKeycloak(line)) return keycloak;
  }
  if (first === 35) return isDirective(line) ? directiveLine : undefined;
  if (looksLikeCef(line)) return cef.parse;
  return elbByLook(line) ?? ownLook(line) ?? frameworkByLook(line) ?? (looksLikeLogfmt(line) ? logfmt : undefined);
}

/** Begins with a date, `2026-01-15`. */
function isDated(line: string): boolean {
  return line.charCodeAt(4) === 45 && line.charCodeAt(7) === 45;
}

const directiveLine: Parse = () => directive;

/** An access line of which nobody said who wrote it: nginx's and Apache's combined formats are the same. */
const access: Parse = (line, event, scope) => {
  event.values[DATASET] = 'http.access';
  return parseAnyAccess(line, event, scope);
};

const unknownFormat: Parse = (line) =>
  failed(
    'format_unknown',
    `Expected a line of one of the known formats (nginx, Apache, JSON, syslog and others), found ${quoted(line)}; set the source's format if it is another.`,
  );

function customFormat(source: string, { kind, logFormat }: { kind: LogFormatKind; logFormat: string }): Parse {
  if (kind === 'w3c') {
    const result = compileW3cFields(logFormat);
    if (result.ok) return w3cByFields(result.fields);
    throw new ServiceError('source_invalid', `Source "${source}": the columns cannot be read: ${result.problem}.`);
  }
  const result = compileLines(kind, logFormat);
  if (!result.ok) throw new ServiceError('source_invalid', `Source "${source}": the log format cannot be read: ${result.problem}.`);
  return framedByPriority(kind === 'nginx' ? nginxByFormat(result.format) : apacheByFormat(result.format));
}

/** A configured format may begin with anything, so only a PRI is sure to be a frame. */
function framedByPriority(parse: Parse): Parse {
  const framed = framedParser(parse);
  return (line, event, scope) => (line.charCodeAt(0) === 60 && looksFramed(line) ? framed : parse)(line, event, scope);
}

/** Compiles a `log_format` or `LogFormat`, or says in a sentence why it cannot be. */
export function compileLogFormat(
  kind: LogFormatKind,
  text: string,
): { readonly ok: true } | { readonly ok: false; readonly problem: string } {
  return kind === 'w3c' ? compileW3cFields(text) : compileLines(kind, text);
}

function compileLines(kind: 'nginx' | 'apache', text: string): ReturnType<typeof compileNginxFormat> {
  return kind === 'nginx' ? compileNginxFormat(text) : compileApacheFormat(text);
}
