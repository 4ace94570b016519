import { directive, failed, quoted } from '../../failure.js';
import { fillAgent, fillReferrer } from '../../http/access-line.js';
import { numberOf } from '../../http/columns.js';
import { decodedHeader } from '../../http/decoded-header.js';
import type { LogEvent } from '../../log-event.js';
import { DATASET, DURATION, MODULE } from '../../slots.js';
import { epochTime } from '../../stamps/iso-time.js';
import type { Format, Parse } from '../format.js';
import { compileW3cFields, type W3cFields } from '../w3c/fields.js';
import { fillColumns, isDirective } from '../w3c/w3c.js';

// In the order that CloudFront writes them; older logs end earlier, later ones may go on.
const order =
  'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end';
const fewest = 12;

// The real-time log with all of its fields, in the order of the documentation; fewer may be chosen, and then the source's format names them.
const realtimeOrder =
  'timestamp c-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host cs-uri-stem cs-bytes x-edge-location x-edge-request-id x-host-header time-taken cs-version c-ip-version cs(User-Agent) cs(Referer) cs(Cookie) cs-uri-query x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher x-edge-result-type fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start sc-range-end c-port';
const realtimeLook = /^\d{10}\.\d{1,6}\t[\da-fA-F.:]{3,45}\t[\d.]{1,12}\t\d{3}\t\d{1,18}\t[A-Z]{3,16}\t(?:https?|wss?)\t/;

/** Whether a line is of CloudFront's real-time log with all of its fields. */
export function looksLikeRealtime(line: string): boolean {
  return line.charCodeAt(10) === 46 && realtimeLook.test(line.slice(0, 160));
}

/** Whether a line begins with a date, a tab and a time, and has as many columns as CloudFront's oldest logs. */
export function looksLikeCloudfront(line: string): boolean {
  if (line.charCodeAt(4) !== 45 || line.charCodeAt(10) !== 9 || line.charCodeAt(19) !== 9) return false;
  let tabs = 0;
  for (let at = line.indexOf('\t'); at >= 0 && tabs < fewest; at = line.indexOf('\t', at + 1)) tabs++;
  return tabs >= fewest - 1;
}

const fields = cloudfrontFields(order);
const realtimeFields = cloudfrontFields(`date time ${realtimeOrder}`);

/** CloudFront's standard log: the extended format, parted by tabs, in an order that never changes. */
export const cloudfront: Format = {
  name: 'cloudfront',
  parse(line, event, scope) {
    if (isDirective(line)) return directive;
    if (looksLikeRealtime(line)) return parseRealtime(line, event, scope);
    if (!looksLikeCloudfront(line))
      return failed(
        'line_shape',
        `Expected at least ${fewest} columns parted by tabs, the first two date and time, found ${quoted(line)}.`,
      );
    event.values[MODULE] = 'aws';
    event.values[DATASET] = 'aws.cloudfront';
    return fillColumns(event, { words: line.split('\t', 64), fields, scope });
  },
};

const parseRealtime: Parse = (line, event, scope) => {
  const words = line.split('\t', 64);
  const stamp = epochTime(Number(words[0]));
  if (typeof stamp !== 'number') return stamp;
  event.values[MODULE] = 'aws';
  event.values[DATASET] = 'aws.cloudfront';
  const [date, time] = new Date(stamp).toISOString().split('T') as [string, string];
  // The path may hold the query, which has a column of its own besides.
  const stem = words[8]!.indexOf('?');
  if (stem >= 0 && words[19] !== undefined && words[19] !== '-') words[8] = words[8]!.slice(0, stem);
  return fillColumns(event, { words: [date, time, ...words], fields: realtimeFields, scope });
};

function cloudfrontFields(order: string): W3cFields {
  const result = compileW3cFields(order);
  if (!result.ok) throw new TypeError(result.problem);
  const names = order.split(' ');
  const setters = [...result.fields.setters];
  // Headers are percent-encoded, the user agent sometimes twice; the time is in seconds; cs(Host) is the distribution's own name.
  setters[names.indexOf('cs(User-Agent)')] = (event, text) => fillAgent(event, decodedHeader(text));
  setters[names.indexOf('cs(Referer)')] = (event, text) => fillReferrer(event, decodedHeader(text));
  setters[names.indexOf('time-taken')] = ({ values }: LogEvent, text: string) => {
    const seconds = numberOf(text);
    if (seconds !== undefined) values[DURATION] = Math.round(seconds * 1e9);
  };
  setters[names.indexOf('sc-content-type')] = undefined;
  return { ...result.fields, setters };
}
