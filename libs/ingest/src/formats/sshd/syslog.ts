import { failed, quoted, type Failure } from '../../failure.js';
import { isoTime } from '../../stamps/iso-time.js';
import { monthAt } from '../../stamps/stamp.js';
import { syslogTime } from '../../stamps/syslog-time.js';
import type { Scope } from '../format.js';

/** A syslog line taken apart. */
export interface SyslogLine {
  readonly time: number;
  /** PRI, if the line has one: facility × 8 + severity. */
  readonly priority: number | undefined;
  readonly host: string;
  readonly program: string;
  readonly pid: number | undefined;
  readonly message: string;
  /** RFC 5424's MSGID and structured data, as written; nothing where there is none. */
  readonly messageId?: string;
  readonly structured?: string;
}

/** Whether a line begins as syslog does: `<PRI>`, `Mar  7 13:06:56 ` or `2026-01-15T10:05:03…`. */
export function looksLikeSyslog(line: string): boolean {
  const at = afterPriority(line);
  if (line.charCodeAt(0) === 60 && at > 0 && line.startsWith('1 ', at)) return true;
  const first = line.charCodeAt(at);
  if (first >= 65 && first <= 83)
    return line.charCodeAt(at + 3) === 32 && line.charCodeAt(at + 9) === 58 && !Number.isNaN(monthAt(line, at));
  return (
    first >= 48 &&
    first <= 57 &&
    line.charCodeAt(at + 4) === 45 &&
    line.charCodeAt(at + 7) === 45 &&
    (line.charCodeAt(at + 10) | 32) === 116
  );
}

function afterPriority(line: string): number {
  if (line.charCodeAt(0) !== 60) return 0;
  const close = line.indexOf('>');
  return close > 1 && close < 5 ? close + 1 : 0;
}

const tagAlone = /^([^\s:[\]]{1,128})(?:\[(\d{1,10})\])?:$/;
// host tag[pid]: message; the colon is missing in some kernels' and cron's lines.
const rest3164 = /^(\S{1,255}) +([^\s:[\]]{1,128})(?:\[(\d{1,10})\])?:? ?/;
// VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID, RFC 5424, 6; structured data follows.
const rest5424 = /^1 (\S{1,48}) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,64}) ?/;

/** Reads RFC 3164, rsyslog's ISO-stamped form of it, and RFC 5424. */
export function readSyslog(line: string, scope: Scope): SyslogLine | Failure {
  const at = afterPriority(line);
  const priority = at > 0 ? Number(line.slice(1, at - 1)) : undefined;
  const modern = at > 0 && line.startsWith('1 ', at) ? rest5424.exec(line.slice(at, at + 800)) : null;
  if (modern) return read5424(line.slice(at + modern[0].length), modern, priority, scope);
  const iso = line.charCodeAt(at) <= 57;
  const end = iso ? line.indexOf(' ', at) : at + 15;
  if (end < 0 || line.charCodeAt(end) !== 32) return shape(line);
  const time = iso ? isoTime(line.slice(at, end), scope.zone) : syslogTime(line, at, scope);
  if (typeof time !== 'number') return time;
  const part = rest3164.exec(line.slice(end + 1, end + 600));
  if (!part) return shape(line);
  // HAProxy and nginx leave the host out if so told: "haproxy[7]: message".
  const alone = part[1]!.endsWith(':') ? tagAlone.exec(part[1]!) : null;
  if (alone)
    return {
      time,
      priority,
      host: '-',
      program: alone[1]!,
      pid: alone[2] === undefined ? undefined : Number(alone[2]),
      message: line.slice(end + 2 + part[1]!.length),
    };
  // No program is called so: the message begins here.
  if (part[2]!.charCodeAt(0) === 34)
    return { time, priority, host: part[1]!, program: '-', pid: undefined, message: line.slice(end + 1 + part[1]!.length).trimStart() };
  const pid = part[3] === undefined ? undefined : Number(part[3]);
  return { time, priority, host: part[1]!, program: baseName(part[2]!), pid, message: line.slice(end + 1 + part[0].length) };
}

function read5424(rest: string, part: RegExpExecArray, priority: number | undefined, scope: Scope): SyslogLine | Failure {
  const time = isoTime(part[1]!, scope.zone);
  if (typeof time !== 'number') return time;
  const pid = /^\d+$/.test(part[4]!) ? Number(part[4]) : undefined;
  const end = structuredEnd(rest);
  const message = rest.slice(end).replace(/^\ufeff/, '');
  return {
    time,
    priority,
    host: part[2]!,
    program: baseName(part[3]!),
    pid,
    message,
    messageId: part[5]!,
    structured: rest.slice(0, end).trim(),
  };
}

/** Where structured data end: `-`, or elements in brackets whose values may hold `\]`. */
function structuredEnd(text: string): number {
  let at = 0;
  if (text.charCodeAt(0) === 45) at = 1;
  while (text.charCodeAt(at) === 91) {
    let close = text.indexOf(']', at);
    while (close > 0 && text.charCodeAt(close - 1) === 92) close = text.indexOf(']', close + 1);
    if (close < 0) return 0;
    at = close + 1;
  }
  return text.charCodeAt(at) === 32 ? at + 1 : at;
}

function baseName(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1) || program;
}

function shape(line: string): Failure {
  return failed('line_shape', `Expected a syslog line such as "Mar  7 13:06:56 host sshd[7]: message", found ${quoted(line)}.`);
}
