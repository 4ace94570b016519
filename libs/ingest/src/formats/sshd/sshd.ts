import type { LogEvent } from '../../log-event.js';
import { redactText } from '../../redact/redact.js';
import { CATEGORY, DATASET, HOST, LEVEL, MESSAGE, MODULE, OUTCOME, PID, PROCESS, TYPE } from '../../slots.js';
import type { Format } from '../format.js';
import { fillProgram } from './programs.js';
import { fillSshd } from './sshd-message.js';
import { readSyslog, type SyslogLine } from './syslog.js';

const severities = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'];

/** The auth log of a Unix host: OpenSSH's messages in detail, those of its neighbours as far as they matter, any other line as it is. */
export const sshd: Format = {
  name: 'sshd',
  parse(line, event, scope) {
    const read = readSyslog(line, scope);
    if ('reason' in read) return read;
    fillSystemLine(event, read);
    return undefined;
  },
};

/** Fills an event from a syslog line that holds nothing but what a Unix host says of itself. */
export function fillSystemLine(event: LogEvent, read: SyslogLine): void {
  const { program } = read;
  const { values } = event;
  event.stamp = read.time;
  values[MODULE] = 'system';
  values[DATASET] = 'system.auth';
  values[HOST] = read.host === '-' ? undefined : read.host;
  values[PROCESS] = program;
  values[PID] = read.pid;
  values[MESSAGE] = redactText(read.message);
  values[LEVEL] = severityName(read.priority);
  fillMessage(event, program, read.message);
  values[OUTCOME] ??= 'unknown';
}

/** The word of RFC 5424, 6.2.1 for the severity in a PRI. */
export function severityName(priority: number | undefined): string | undefined {
  return priority === undefined || priority > 191 ? undefined : severities[priority & 7];
}

const host: readonly string[] = Object.freeze(['host']);
const info: readonly string[] = Object.freeze(['info']);

function fillMessage(event: LogEvent, program: string, message: string): void {
  // OpenSSH 9.8 split the daemon: sshd listens, sshd-session speaks with the client, sshd-auth asks who it is.
  const known =
    program === 'sshd' || program === 'sshd-session' || program === 'sshd-auth'
      ? fillSshd(event, message)
      : fillProgram(event, program, message);
  if (known) return;
  event.values[CATEGORY] ??= host;
  event.values[TYPE] ??= info;
}
