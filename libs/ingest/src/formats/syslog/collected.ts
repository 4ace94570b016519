import type { JsonObject, JsonValue } from '#ecs';
import { epochTime, isoTime } from '../../stamps/iso-time.js';
import type { Scope } from '../format.js';
import { isObject } from '../json/records/value-path.js';
import type { SyslogLine } from '../sshd/syslog.js';
import { speaksForItself } from './own-words.js';

/** Where collectors that take syslog apart leave the program: the journal, Vector, Fluent Bit, Fluentd, rsyslog, syslog-ng, Filebeat. */
const programKeys = ['appname', 'app_name', 'app-name', 'ident', 'programname', 'program', 'syslog_identifier', 'PROGRAM'];
const timeKeys = ['@timestamp', 'timestamp', 'time', 'ts', 'date', 'isodate', 'ISODATE'];

/**
 * A syslog line that somebody has taken apart and written as a JSON object: any entry of systemd's journal (`journalctl -o json`), and what a collector made of lines of
 * those programs whose messages mean nothing without the program's name. Nothing where the object is something else.
 */
export function collectedLine(document: JsonObject, scope: Scope): SyslogLine | undefined {
  if ('__REALTIME_TIMESTAMP' in document && 'MESSAGE' in document) return journalEntry(document);
  const message = text(document['message']) ?? text(document['MESSAGE']) ?? text(document['msg']);
  if (message === undefined) return undefined;
  const program = programOf(document);
  if (program === undefined || !speaksForItself(program) || isEvent(document['event'])) return undefined;
  const { process, host } = document;
  return {
    time: timeOf(document, scope),
    priority: undefined,
    host: text(host) ?? inside(host, 'hostname', 'name') ?? text(document['hostname']) ?? text(document['HOST']) ?? '-',
    program,
    pid: number(document['procid'] ?? document['pid'] ?? document['PID'] ?? (isObject(process) ? process['pid'] : undefined)),
    message,
  };
}

/** Fields of https://www.freedesktop.org/software/systemd/man/latest/systemd.journal-fields.html. */
function journalEntry(document: JsonObject): SyslogLine | undefined {
  const message = text(document['MESSAGE']) ?? bytes(document['MESSAGE']);
  const micros = Number(document['_SOURCE_REALTIME_TIMESTAMP'] ?? document['__REALTIME_TIMESTAMP']);
  if (message === undefined || !Number.isFinite(micros) || micros <= 0 || micros > 8.64e18) return undefined;
  const severity = number(document['PRIORITY']);
  return {
    time: Math.floor(micros / 1000),
    priority: severity === undefined || severity > 7 ? undefined : (number(document['SYSLOG_FACILITY']) ?? 1) * 8 + severity,
    host: text(document['_HOSTNAME']) ?? '-',
    program: text(document['SYSLOG_IDENTIFIER']) ?? text(document['_COMM']) ?? '-',
    pid: number(document['SYSLOG_PID'] ?? document['_PID']),
    message,
  };
}

function programOf(document: JsonObject): string | undefined {
  for (const key of programKeys) {
    const found = text(document[key]);
    if (found !== undefined) return found;
  }
  const { syslog, log } = document;
  return (
    inside(document['process'], 'name') ??
    inside(syslog, 'identifier', 'appname') ??
    (isObject(log) ? inside(log['syslog'], 'appname') : undefined) ??
    text(document['process.name']) ??
    text(document['syslog.identifier']) ??
    text(document['log.syslog.appname'])
  );
}

/** Whether somebody has said already what happened. */
function isEvent(event: JsonValue | undefined): boolean {
  return isObject(event) && ('action' in event || 'category' in event || 'outcome' in event);
}

function timeOf(document: JsonObject, { zone, framed, arrival }: Scope): number {
  for (const key of timeKeys) {
    const value = document[key];
    const time = typeof value === 'string' ? isoTime(value, zone) : typeof value === 'number' ? epochTime(value) : undefined;
    if (typeof time === 'number') return time;
  }
  return framed ?? arrival;
}

function inside(value: JsonValue | undefined, ...keys: readonly string[]): string | undefined {
  if (!isObject(value)) return undefined;
  for (const key of keys) {
    const found = text(value[key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The journal writes what is no valid UTF-8 as a list of bytes. */
function bytes(value: JsonValue | undefined): string | undefined {
  return Array.isArray(value) && value.length > 0 && value.every((byte) => typeof byte === 'number')
    ? Buffer.from(value).toString()
    : undefined;
}

function number(value: JsonValue | undefined): number | undefined {
  const found = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof found === 'number' && Number.isInteger(found) && found >= 0 ? found : undefined;
}
