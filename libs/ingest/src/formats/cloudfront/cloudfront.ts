import { directive, failed, quoted } from '../../failure.js';
import { fillAgent, fillReferrer } from '../../http/access-line.js';
import { numberOf } from '../../http/columns.js';
import type { LogEvent } from '../../log-event.js';
import { DATASET, DURATION, MODULE } from '../../slots.js';
import type { Format } from '../format.js';
import { compileW3cFields, type W3cFields } from '../w3c/fields.js';
import { fillColumns, isDirective } from '../w3c/w3c.js';

// In the order that CloudFront writes them; older logs end earlier, later ones may go on.
const order =
  'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end';
const fewest = 12;

/** Whether a line begins with a date, a tab and a time, and has as many columns as CloudFront's oldest logs. */
export function looksLikeCloudfront(line: string): boolean {
  if (line.charCodeAt(4) !== 45 || line.charCodeAt(10) !== 9 || line.charCodeAt(19) !== 9) return false;
  let tabs = 0;
  for (let at = line.indexOf('\t'); at >= 0 && tabs < fewest; at = line.indexOf('\t', at + 1)) tabs++;
  return tabs >= fewest - 1;
}

const fields = cloudfrontFields();

/** CloudFront's standard log: the extended format, parted by tabs, in an order that never changes. */
export const cloudfront: Format = {
  name: 'cloudfront',
  parse(line, event, scope) {
    if (isDirective(line)) return directive;
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

function cloudfrontFields(): W3cFields {
  const result = compileW3cFields(order);
  if (!result.ok) throw new TypeError(result.problem);
  const names = order.split(' ');
  const setters = [...result.fields.setters];
  // Headers are percent-encoded, the user agent sometimes twice; the time is in seconds; cs(Host) is the distribution's own name.
  setters[names.indexOf('cs(User-Agent)')] = (event, text) => fillAgent(event, decoded(decoded(text)));
  setters[names.indexOf('cs(Referer)')] = (event, text) => fillReferrer(event, decoded(text));
  setters[names.indexOf('time-taken')] = ({ values }: LogEvent, text: string) => {
    const seconds = numberOf(text);
    if (seconds !== undefined) values[DURATION] = Math.round(seconds * 1e9);
  };
  setters[names.indexOf('sc-content-type')] = undefined;
  return { ...result.fields, setters };
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8, or a lone percent sign: as it was logged.
    return text;
  }
}
