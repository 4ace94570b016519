import { put, slot } from '#ecs';
import { failed, quoted, type Failure } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { fillAgent } from '../../http/access-line.js';
import { fillPeer } from '../../http/address.js';
import { columns, numberOf, present, statusOf } from '../../http/columns.js';
import { fillRequest } from '../../http/request.js';
import type { LogEvent } from '../../log-event.js';
import {
  CATEGORY,
  DATASET,
  DEST_DOMAIN,
  DURATION,
  MODULE,
  OUTCOME,
  REASON,
  REQUEST_BYTES,
  STATUS,
  TYPE,
  UPSTREAM_ADDRESS,
  UPSTREAM_STATUS,
  UPSTREAM_TIME,
  URL_DOMAIN,
} from '../../slots.js';
import { takeStamp } from '../../stamps/framed-time.js';
import { isoTime } from '../../stamps/iso-time.js';
import { parseZone } from '../../stamps/zone.js';
import type { Format, Parse } from '../format.js';

const RESPONSE_BYTES = slot['http.response.bytes'];
const TLS_VERSION = slot['tls.version'];
const TLS_CIPHER = slot['tls.cipher'];
const TRACE = slot['trace.id'];
const network: readonly string[] = Object.freeze(['network']);
const connection: readonly string[] = Object.freeze(['connection', 'end']);
// AWS writes UTC; the network load balancer without saying so.
const utc = parseZone('UTC');

const applicationLook = /^(?:https?|h2|grpcs?|wss?) \d{4}-\d\d-\d\dT[\d:.]{8,20}Z? \S{1,256} /;
const networkLook = /^tls \d\.\d \d{4}-\d\d-\d\dT[\d:.]{8,20}Z? /;
const classicLook = /^\d{4}-\d\d-\d\dT[\d:.]{8,20}Z \S{1,64} \S{1,64}:\d{1,5} (?:\S{1,64}:\d{1,5}|-) (?:-?[\d.]{1,16} ){3}/;

/** The parser of a line of one of AWS's load balancers, if it is one. */
export function elbByLook(line: string): Parse | undefined {
  const first = line.charCodeAt(0);
  if (first >= 48 && first <= 57) return looksLikeClassic(line) ? parseClassic : undefined;
  if (first === 116) return networkLook.test(line) ? parseNetwork : undefined;
  return (first === 104 || first === 103 || first === 119) && applicationLook.test(line) ? parseApplication : undefined;
}

/** A classic load balancer's line begins with a time as syslog's may; behind it come addresses with ports and three times. */
export function looksLikeClassic(line: string): boolean {
  return line.charCodeAt(10) === 84 && classicLook.test(line.slice(0, 400));
}

/** AWS load balancers: application, classic and, for TLS listeners, network. */
export const elb: Format = {
  name: 'elb',
  parse(line, event, scope) {
    const parse = elbByLook(line);
    if (parse) return parse(line, event, scope);
    return failed(
      'line_shape',
      `Expected a line of an AWS load balancer such as "https 2026-01-15T10:05:03.250Z app/shop/50dc6 203.0.113.7:2817 …", found ${quoted(line)}.`,
    );
  },
};

const parseApplication: Parse = (line, event, scope) => {
  const words = columns(line);
  const failure = takeStamp(event, isoTime(words[1]!, utc), scope) ?? fillCommon(event, words, 2);
  if (failure) return failure;
  const { values } = event;
  values[DATASET] = 'aws.alb';
  const trace = present(words[17]);
  if (trace !== undefined) values[TRACE] = trace.replace(/^Root=/, '');
  const domain = present(words[18]);
  if (domain !== undefined) {
    values[DEST_DOMAIN] ??= domain;
    values[URL_DOMAIN] ??= domain;
  }
  note(event, 'target_group', words[16]);
  note(event, 'actions', words[22]);
  note(event, 'classification', words[27]);
  const reason = present(words[24]) ?? present(words[28]);
  if (reason !== undefined) values[REASON] = reason;
  finishAccess(event);
  return undefined;
};

const parseClassic: Parse = (line, event, scope) => {
  const words = columns(line);
  const failure = takeStamp(event, isoTime(words[0]!, utc), scope) ?? fillCommon(event, words, 1);
  if (failure) return failure;
  event.values[DATASET] = 'aws.elb';
  // A TCP listener: "- - - ".
  if (words[11]?.startsWith('- - -')) {
    event.values[CATEGORY] = network;
    event.values[TYPE] = connection;
    event.values[OUTCOME] = 'unknown';
  } else finishAccess(event);
  return undefined;
};

/** From the balancer's name to cipher and protocol: the columns that application and classic balancers share. */
function fillCommon(event: LogEvent, words: readonly string[], at: number): Failure | undefined {
  const request = words[at + 10];
  if (request === undefined) return failed('line_shape', `Expected at least ${at + 11} columns, found ${words.length}.`);
  const { values } = event;
  values[MODULE] = 'aws';
  note(event, 'name', words[at]);
  fillPeer(event, words[at + 1]!);
  if (present(words[at + 2])) values[UPSTREAM_ADDRESS] = words[at + 2];
  let total = 0;
  for (let i = at + 3; i <= at + 5; i++) total += Math.max(0, Number(words[i]) || 0);
  // -1: nothing was sent on, or nobody answered.
  if (numberOf(words[at + 3]) !== undefined || total > 0) values[DURATION] = Math.round(total * 1e9);
  values[UPSTREAM_TIME] = numberOf(words[at + 4]);
  values[STATUS] = statusOf(words[at + 6]);
  values[UPSTREAM_STATUS] = statusOf(words[at + 7]);
  values[REQUEST_BYTES] = numberOf(words[at + 8]);
  values[RESPONSE_BYTES] = numberOf(words[at + 9]);
  // A request that was none: "- http://shop.example:80- -".
  if (!request.startsWith('- ')) fillRequest(event, request, 0, request.length);
  fillAgent(event, words[at + 11] ?? '');
  if (present(words[at + 12])) values[TLS_CIPHER] = words[at + 12];
  if (present(words[at + 13])) values[TLS_VERSION] = words[at + 13];
  return undefined;
}

const parseNetwork: Parse = (line, event, scope) => {
  const words = columns(line);
  if (words.length < 11) return failed('line_shape', `Expected at least 11 columns, found ${words.length}.`);
  const bad = takeStamp(event, isoTime(words[2]!, utc), scope);
  if (bad) return bad;
  const { values } = event;
  values[MODULE] = 'aws';
  values[DATASET] = 'aws.nlb';
  note(event, 'name', words[3]);
  fillPeer(event, words[5]!);
  if (present(words[6])) values[UPSTREAM_ADDRESS] = words[6];
  const time = numberOf(words[7]);
  if (time !== undefined) values[DURATION] = Math.round(time * 1e6);
  if (present(words[14])) values[TLS_CIPHER] = words[14];
  if (present(words[15])) values[TLS_VERSION] = words[15];
  const domain = present(words[17]);
  if (domain !== undefined) values[DEST_DOMAIN] = domain;
  values[CATEGORY] = network;
  values[TYPE] = connection;
  // A handshake that failed took no time and has no protocol.
  const alert = present(words[11]);
  values[OUTCOME] = alert === undefined ? 'success' : 'failure';
  if (alert !== undefined) values[REASON] = `tls_alert_${alert}`;
  return undefined;
};

function note(event: LogEvent, name: string, text: string | undefined): void {
  if (present(text) === undefined) return;
  event.extra ??= {};
  put(event.extra, `gatewatch.elb.${name}`, text!);
}
