import { canonicalIp, fillHost, splitPort } from '../../http/address.js';
import { fillAgent, fillReferrer } from '../../http/access-line.js';
import { noteHeader } from '../../http/seen-headers.js';
import type { LogEvent } from '../../log-event.js';
import { AGENT, CLIENT_IP, REFERRER, URL_DOMAIN } from '../../slots.js';

const agentLike = /^[A-Za-z][\w.+-]{1,63}\/\d|^Mozilla\b/;
const hostLike = /^(?=[^.:]{1,63}[.:])[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?(?::\d{1,5})?$/i;

/**
 * Captured headers have no names in the line. What can only be one thing is taken: an address (or a list of them) was forwarded, an `http://` is
 * the referrer, a product with its version the user agent, a name with a dot the host.
 * An address that has no name is never believed to be the caller's: it may be a `Host` that the caller made up. The source's `captured_headers` name them.
 */
export function fillCaptured(event: LogEvent, captured: readonly string[]): void {
  const { values } = event;
  const names = event.profile?.capturedHeaders;
  if (names) captured.forEach((text, nth) => names[nth] !== undefined && noteHeader(event, names[nth], text));
  for (const text of captured) {
    if (text === '' || text === '-') continue;
    const ip = canonicalIp(splitPort(text.split(',', 1)[0]!.trim()).host);
    if (ip !== undefined) values[CLIENT_IP] ??= ip;
    else if (/^https?:\/\//i.test(text)) {
      if (values[REFERRER] === undefined) fillReferrer(event, text);
    } else if (agentLike.test(text)) {
      if (values[AGENT] === undefined) fillAgent(event, text);
    } else if (values[URL_DOMAIN] === undefined && hostLike.test(text)) fillHost(event, text);
  }
}
