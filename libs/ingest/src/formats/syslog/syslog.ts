import { put } from '#ecs';
import type { Failure } from '../../failure.js';
import type { LogEvent } from '../../log-event.js';
import { redactText } from '../../redact/redact.js';
import { HOST, LEVEL, PID, PROCESS } from '../../slots.js';
import type { Parse, Scope } from '../format.js';
import { looksLikeJson } from '../json/json.js';
import { fillSystemLine, severityName } from '../sshd/sshd.js';
import type { SyslogLine } from '../sshd/syslog.js';
import { readFrame } from './frame.js';
import { speaksForItself } from './own-words.js';

export interface SyslogParts {
  /** The format of a message by its looks. */
  readonly textFormat: (message: string) => Parse | undefined;
  readonly json: Parse;
  /** Finds a record within a line whose frame is no regular syslog, or -1. */
  readonly recordAt: (line: string) => number;
}

/** Syslog around any format: what is inside is read as its own format, and the frame adds host, program, severity and, where need be, the time. */
export function syslogParser(parts: SyslogParts): Parse {
  return (line, event, scope) => {
    const read = readFrame(line, scope);
    if ('reason' in read) return unframed(parts, line, event, scope) === undefined ? undefined : read;
    fillSyslog(parts, read, event, scope);
    return undefined;
  };
}

/** Fills an event from a line whose frame is taken off. */
export function fillSyslog(parts: SyslogParts, read: SyslogLine, event: LogEvent, scope: Scope): void {
  const failure = speaksForItself(read.program) ? noFormat : parseInner(parts, read, event, scope);
  if (failure === undefined) {
    fillFrame(event, read);
    return;
  }
  // A message of no known format, or one that only looked like it: what syslog says stands.
  reset(event);
  fillSystemLine(event, read);
  // A frame without program has none.
  if (read.program === '-') event.values[PROCESS] = undefined;
}

/** A frame around one declared format: a message that is not of it makes the line a dead letter. */
export function framedParser(inner: Parse): Parse {
  return (line, event, scope) => {
    const read = readFrame(line, scope);
    if ('reason' in read) return read;
    const failure = inner(read.message, event, { ...scope, framed: read.time });
    if (failure === undefined) fillFrame(event, read);
    return failure;
  };
}

const noFormat: Failure = { reason: 'format_unknown', message: 'The message is of no known format.' };

function parseInner({ textFormat, json, recordAt }: SyslogParts, read: SyslogLine, event: LogEvent, scope: Scope): Failure | undefined {
  const inner: Scope = { ...scope, framed: read.time };
  const message = innerText(read);
  const at = recordAt(message);
  const text = at > 0 ? message.slice(at) : message;
  if (looksLikeJson(text)) return parseJson(json, text, event, inner);
  return (textFormat(text) ?? noInner)(text, event, inner);
}

/** Forgets what a parser filled that could not finish. */
function reset(event: LogEvent): void {
  event.values.fill(undefined);
  event.extra = undefined;
  event.own = undefined;
}

const noInner: Parse = () => noFormat;

/** The message without the cookie of Common Event Expression. A tag such as `CEF` was taken for the program: then it belongs to the record. */
function innerText({ program, message }: SyslogLine): string {
  if (program === 'CEF') return `CEF:${message}`;
  const text = message.trimStart();
  return text.startsWith('@cee:') ? text.slice(5) : text;
}

/** JSON that tells no time of its own gets the frame's. */
function parseJson(json: Parse, text: string, event: LogEvent, scope: Scope): Failure | undefined {
  const failure = json(text, event, scope);
  if (failure === undefined || (failure.reason !== 'timestamp' && failure.reason !== 'time_zone_unknown')) return failure;
  reset(event);
  return json(text.replace('{', `{"@timestamp":${scope.framed},`), event, scope);
}

/** Records of the Common Event Format behind frames that are no syslog, such as `Dec 19 00:38:09 <local0.info> 192.0.2.1 CEF:0|…`. */
function unframed({ recordAt, textFormat }: SyslogParts, line: string, event: LogEvent, scope: Scope): Failure | undefined {
  const at = recordAt(line);
  const parse = at < 0 ? undefined : textFormat(line.slice(at));
  return parse ? parse(line.slice(at), event, scope) : noFormat;
}

/** What the frame adds; a value of the inner line stays. */
function fillFrame(event: LogEvent, read: SyslogLine): void {
  const { values } = event;
  // Citrix writes the severity in words where the host belongs, and the host behind it.
  const inWords = read.host.charCodeAt(0) === 60;
  const host = inWords ? read.program : read.host;
  if (host !== '-') values[HOST] ??= host;
  if (!inWords && read.program !== '-' && read.program !== 'CEF') values[PROCESS] ??= read.program;
  values[PID] ??= read.pid;
  const severity = severityName(read.priority);
  values[LEVEL] ??= severity;
  if (severity !== undefined) {
    event.extra ??= {};
    put(event.extra, 'log.syslog.priority', read.priority!);
    put(event.extra, 'log.syslog.facility.code', read.priority! >> 3);
    put(event.extra, 'log.syslog.severity.code', read.priority! & 7);
    put(event.extra, 'log.syslog.severity.name', severity);
  }
  fill5424(event, read);
}

function fill5424(event: LogEvent, { messageId, structured }: SyslogLine): void {
  if (messageId !== undefined && messageId !== '-') put((event.extra ??= {}), 'log.syslog.msgid', messageId);
  if (structured === undefined || structured === '-' || structured === '') return;
  for (const element of structured.slice(0, 8192).matchAll(/\[([^\s\]="]{1,64})((?: [^\s\]="]{1,64}="(?:[^"\\\]]|\\.)*")*)\]/g)) {
    for (const [, name, value] of element[2]!.matchAll(/ ([^\s\]="]{1,64})="((?:[^"\\\]]|\\.)*)"/g)) {
      put(
        (event.extra ??= {}),
        `log.syslog.structured_data.${element[1]}.${name}`,
        redactText(`${name}=${value!.replace(/\\(["\\\]])/g, '$1')}`).slice(name!.length + 1),
      );
    }
  }
}
