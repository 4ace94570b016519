import { put, slot } from '#ecs';
import { failed, quoted, type Failure } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { fillAgent, fillReferrer, stampBracket } from '../../http/access-line.js';
import { fillSource } from '../../http/address.js';
import { columns, numberOf, present, statusOf } from '../../http/columns.js';
import { fillRequest } from '../../http/request.js';
import type { LogEvent } from '../../log-event.js';
import {
  ACTION,
  BODY_BYTES,
  DATASET,
  DEST_DOMAIN,
  DURATION,
  MODULE,
  REASON,
  REQUEST_ID,
  STATUS,
  URL_DOMAIN,
  USER_ID,
} from '../../slots.js';
import { clfTime } from '../../stamps/clf-time.js';
import { takeStamp } from '../../stamps/framed-time.js';
import type { Format } from '../format.js';

const TLS_VERSION = slot['tls.version'];
const TLS_CIPHER = slot['tls.cipher'];
// Owner's canonical id (or `-`) and bucket, address and requester, and an operation.
const head = /^(?:[\da-f]{16,128}|-) [\w.-]{1,255} $/;
const behind = /^ [\da-fA-F.:-]{1,64} \S{1,1024} \S{1,64} (?:[A-Z][A-Z\d]{0,15}\.[\w.]{1,64}|-) /;

/** Whether a line with a stamp at a bracket is one of S3's server access log. */
export function looksLikeS3(line: string, bracket: number): boolean {
  return line.charCodeAt(bracket + 27) === 93 && head.test(line.slice(0, bracket)) && behind.test(line.slice(bracket + 28, bracket + 1300));
}

/** Amazon S3 server access log. AWS adds columns at the end; what is missing or new there does no harm. */
export const s3: Format = {
  name: 's3',
  parse(line, event, scope) {
    const bracket = stampBracket(line);
    if (bracket < 0 || !looksLikeS3(line, bracket)) {
      return failed(
        'line_shape',
        `Expected an S3 access line such as "79a5 bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 …", found ${quoted(line)}.`,
      );
    }
    const bad = takeStamp(event, clfTime(line, bracket + 1, scope.zone), scope);
    if (bad) return bad;
    event.values[MODULE] = 'aws';
    event.values[DATASET] = 'aws.s3access';
    note(event, 'bucket', line.slice(line.indexOf(' ') + 1, bracket - 1));
    return fillWords(event, columns(line, bracket + 29));
  },
};

// address requester request-id operation key request status error bytes size total turnaround referrer agent version host-id signature cipher auth host tls
function fillWords(event: LogEvent, words: readonly string[]): Failure | undefined {
  const { values } = event;
  fillSource(event, words[0]!);
  if (present(words[1])) values[USER_ID] = words[1];
  if (present(words[2])) values[REQUEST_ID] = words[2];
  if (present(words[3])) values[ACTION] = words[3];
  note(event, 'key', words[4]);
  if (present(words[5])) fillRequest(event, words[5]!, 0, words[5]!.length);
  values[STATUS] = statusOf(words[6]);
  if (present(words[7])) values[REASON] = words[7];
  values[BODY_BYTES] = numberOf(words[8]);
  const total = numberOf(words[10]);
  if (total !== undefined) values[DURATION] = total * 1e6;
  fillReferrer(event, words[12] ?? '');
  fillAgent(event, words[13] ?? '');
  if (present(words[17])) values[TLS_CIPHER] = words[17];
  const host = present(words[19]);
  if (host !== undefined) {
    values[DEST_DOMAIN] = host;
    values[URL_DOMAIN] ??= host;
  }
  if (present(words[20])) values[TLS_VERSION] = words[20];
  finishAccess(event);
  return undefined;
}

function note(event: LogEvent, name: string, text: string | undefined): void {
  if (present(text) === undefined) return;
  event.extra ??= {};
  put(event.extra, `gatewatch.s3.${name}`, text!);
}
