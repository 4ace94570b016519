import { put, slot, type FieldName } from '#ecs';
import { fillAgent, fillReferrer } from '../../http/access-line.js';
import { canonicalIp, fillHost, fillSource, splitPort } from '../../http/address.js';
import { numberOf, statusOf } from '../../http/columns.js';
import { noteHeader, xForwardedFor } from '../../http/seen-headers.js';
import type { LogEvent } from '../../log-event.js';
import {
  CLIENT_IP,
  DEST_IP,
  DEST_PORT,
  DURATION,
  HOST,
  METHOD,
  PORT,
  QUERY,
  REQUEST_BYTES,
  REQUEST_ID,
  STATUS,
  URL_SCHEME,
  USER,
  VERSION,
} from '../../slots.js';

/** Takes the text of a column that is neither empty nor `-`. */
export type ColumnSetter = (event: LogEvent, text: string) => void;

const plain =
  (at: number): ColumnSetter =>
  ({ values }, text) => {
    values[at] = text;
  };
const numeric =
  (at: number): ColumnSetter =>
  ({ values }, text) => {
    values[at] = numberOf(text);
  };
const named = (name: FieldName): ColumnSetter => plain(slot[name]);
const noted =
  (name: string): ColumnSetter =>
  (event, text) => {
    event.extra ??= {};
    put(event.extra, `gatewatch.w3c.${name}`, text);
  };

/** Milliseconds as IIS writes them. */
const millis: ColumnSetter = ({ values }, text) => {
  const value = numberOf(text);
  if (value !== undefined) values[DURATION] = Math.round(value * 1e6);
};

const forwarded: ColumnSetter = (event, text) => {
  const { values } = event;
  noteHeader(event, xForwardedFor, text.replace(/\+/g, ''));
  const ip = canonicalIp(splitPort(text.split(',', 1)[0]!.replace(/\+/g, '').trim()).host);
  if (ip !== undefined) values[CLIENT_IP] = ip;
};

const header =
  (name: string): ColumnSetter =>
  (event, text) =>
    noteHeader(event, name, text.replaceAll('+', ' '));

/** Columns of the extended log format and their ECS fields, by their names in lower case. Time, target and user agent are read apart. */
export const columnSetters: Readonly<Record<string, ColumnSetter>> = {
  'c-ip': fillSource,
  'c-port': numeric(PORT),
  's-ip': ({ values }, text) => {
    values[DEST_IP] = canonicalIp(text);
  },
  's-port': numeric(DEST_PORT),
  's-computername': plain(HOST),
  's-sitename': noted('site'),
  'cs-method': plain(METHOD),
  'cs-uri-query': plain(QUERY),
  'cs-username': plain(USER),
  'cs-version': ({ values }, text) => {
    values[VERSION] = text.replace(/^HTTP\//i, '');
  },
  'cs-host': fillHost,
  'cs(host)': fillHost,
  'x-host-header': fillHost,
  'cs(referer)': fillReferrer,
  'sc-status': ({ values }, text) => {
    values[STATUS] = statusOf(text);
  },
  'sc-substatus': (event, text) => {
    if (text !== '0') noted('substatus')(event, text);
  },
  'sc-win32-status': (event, text) => {
    if (text !== '0') noted('win32_status')(event, text);
  },
  's-reason': plain(slot['event.reason']),
  'sc-bytes': numeric(slot['http.response.bytes']),
  'cs-bytes': numeric(REQUEST_BYTES),
  'time-taken': millis,
  'x-forwarded-for': forwarded,
  'cs(x-forwarded-for)': forwarded,
  'cs(forwarded)': header('forwarded'),
  'cs(x-real-ip)': header('x-real-ip'),
  'cs(true-client-ip)': header('true-client-ip'),
  'cs(cf-connecting-ip)': header('cf-connecting-ip'),
  'cs(authorization)': header('authorization'),
  'cs(cookie)': header('cookie'),
  'cs-protocol': plain(URL_SCHEME),
  'ssl-protocol': named('tls.version'),
  'ssl-cipher': named('tls.cipher'),
  'sc-content-type': named('http.response.mime_type'),
  'x-edge-request-id': plain(REQUEST_ID),
};

/** IIS writes blanks of a header as `+`. */
export const agentWithPlus: ColumnSetter = (event, text) => fillAgent(event, text.replaceAll('+', ' '));
