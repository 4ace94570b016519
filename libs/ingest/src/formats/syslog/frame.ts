import { failed, quoted, type Failure } from '../../failure.js';
import { isoTime } from '../../stamps/iso-time.js';
import type { Scope } from '../format.js';
import { looksLikeSyslog, readSyslog, type SyslogLine } from '../sshd/syslog.js';

// RFC 6587, 3.4.1: the length before the message, left in by receivers that only cut at line ends.
const octets = /^\d{1,6} (?=<\d{1,3}>)/;
const priorityOnly = /^<(\d{1,3})>(?!1 \d{4}-)/;
const bare5424 = /^1 \d{4}-\d\d-\d\dT/;
// What containerd and CRI-O write: time, stream, whole or part of a line.
const container = /^(\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) [FP] /;

/** Whether a line begins with a frame: `<PRI>`, with an octet count if need be, a month, an ISO time, or RFC 5424's version. */
export function looksFramed(line: string): boolean {
  if (looksLikeSyslog(line)) return true;
  const first = line.charCodeAt(0);
  if (first === 60) return priorityOnly.test(line);
  return first >= 48 && first <= 57 && (octetCounted(line) || (line.charCodeAt(1) === 32 && bare5424.test(line)));
}

/** Digits, a blank and `<`: by hand, since every access line begins with a digit too. */
function octetCounted(line: string): boolean {
  let at = 1;
  while (at < 7 && line.charCodeAt(at) >= 48 && line.charCodeAt(at) <= 57) at++;
  return line.charCodeAt(at) === 32 && line.charCodeAt(at + 1) === 60 && octets.test(line);
}

/**
 * Takes the frame off a line: RFC 3164 or RFC 5424, each with or without PRI and octet count, or a container runtime's. A PRI without the rest is
 * one too (RFC 3164, 4.3.3): then the arrival is the time.
 */
export function readFrame(line: string, scope: Scope): SyslogLine | Failure {
  let text = line;
  if (text.charCodeAt(0) >= 48 && text.charCodeAt(0) <= 57) {
    text = text.replace(octets, '');
    if (bare5424.test(text)) text = `<13>${text}`;
    const inContainer = container.exec(text.slice(0, 60));
    if (inContainer) return containerLine(text, inContainer, scope);
  }
  if (looksLikeSyslog(text)) {
    const read = readSyslog(text, scope);
    return 'reason' in read || text === line || !line.startsWith('1 ') ? read : { ...read, priority: undefined };
  }
  const priority = priorityOnly.exec(text);
  if (!priority)
    return failed('line_shape', `Expected a syslog line such as "<134>Mar  7 13:06:56 host haproxy[7]: message", found ${quoted(line)}.`);
  const rest = text.slice(priority[0].length);
  const tag = /^([^\s:[\]<>{"]{1,128})(?:\[(\d{1,10})\])?: /.exec(rest.slice(0, 160));
  return {
    time: scope.arrival,
    priority: Number(priority[1]),
    host: '-',
    program: tag?.[1] ?? '-',
    pid: tag?.[2] === undefined ? undefined : Number(tag[2]),
    message: rest.slice(tag?.[0].length ?? 0),
  };
}

function containerLine(text: string, part: RegExpExecArray, { zone }: Scope): SyslogLine | Failure {
  const time = isoTime(part[1]!, zone);
  if (typeof time !== 'number') return time;
  return { time, priority: undefined, host: '-', program: '-', pid: undefined, message: text.slice(part[0].length) };
}
