import type { LogEvent } from '../log-event.js';
import { ADDRESS, CLIENT_IP, IP, USER } from '../slots.js';
import { chainHeader, noteHeader } from './seen-headers.js';
import { canonicalIp, fillHost, fillSource, firstOfList, isV4, splitPort } from './address.js';

/** Reads what stands before the time: `address - -` in all but a few lines. */
export function fillHead(event: LogEvent, line: string, bracket: number): void {
  const space = line.indexOf(' ');
  // " - - " and nothing else between address and time.
  if (bracket === space + 5 && line.charCodeAt(space + 1) === 45 && line.charCodeAt(space + 3) === 45 && space > 0) {
    const address = line.slice(0, space);
    if (!isV4(address)) return fillSource(event, withoutLogger(address));
    event.values[ADDRESS] = event.values[IP] = address;
    return;
  }
  fillWords(event, withoutPrefix(words(line.slice(0, bracket))));
}

/** Python's `logging.basicConfig` writes `INFO:aiohttp.access:` before the address. */
function withoutLogger(word: string): string {
  const colon = word.charCodeAt(0) >= 65 && word.charCodeAt(0) <= 90 ? logger.exec(word) : null;
  return colon ? word.slice(colon[0].length) : word;
}
const logger = /^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):[\w.-]{1,64}:/;

/**
 * What loggers and collectors put before a line (`[2026-01-15 10:05:03 +0000] [7] [INFO]`, `web-1  |`, `2026 10:05:03 host nginx:`) is no virtual host.
 * Looked for up to the first `-` only: behind it the caller may have chosen the words.
 */
function withoutPrefix(all: string[]): string[] {
  if (all[0] === undefined || isPeer(all[0])) return all;
  all[0] = withoutLogger(all[0]);
  if (isPeer(all[0])) return all;
  for (let i = 1; i < all.length && i < 12; i++) {
    const word = all[i]!;
    if (word === '-' || word.endsWith(',') || word.startsWith('"') || all[0].endsWith(',') || all[0].startsWith('"')) return all;
    if (isPeer(word)) return i < 2 && !all[0].endsWith(':') ? all : all.slice(i);
  }
  return all;
}

function isPeer(word: string | undefined): boolean {
  return word !== undefined && canonicalIp(splitPort(word).host) !== undefined;
}

/** The words of a head; a quoted list of addresses is one. */
function words(head: string): string[] {
  return head.match(/"[^"]*"|\S+/g) ?? [];
}

/**
 * Tells the words of a head apart. `[vhost] address… ident user`: ident is `-` in practice, the user may hold blanks, addresses may be a list
 * that a proxy forwarded (`a, b, c` or `"a, b" c`).
 */
function fillWords(event: LogEvent, all: readonly string[]): void {
  const count = addressWords(all);
  let host: string | undefined;
  let addresses = all.slice(0, count);
  if (count > 1 && !addresses[0]!.endsWith(',') && !addresses[0]!.startsWith('"')) {
    host = addresses[0];
    addresses = addresses.slice(1);
  }
  if (host !== undefined) fillHost(event, host);
  const listed = addresses.length > 1 || addresses[0]?.startsWith('"') === true;
  const source = listed
    ? firstOfList(
        addresses
          .join(' ')
          .replace(/"/g, ',')
          .replace(/(?<![,\s]) /g, ', '),
      )
    : addresses[0];
  if (listed)
    noteHeader(
      event,
      chainHeader,
      addresses
        .join(' ')
        .replace(/"/g, ',')
        .replace(/(?<![,\s]) /g, ', '),
    );
  if (source !== undefined) fillSource(event, source);
  // Older ingress controllers put the client in brackets: `address - [client] - user`.
  const more = all[count + 1];
  const bracketed =
    more?.charCodeAt(0) === 91 && all[count + 2] === '-' ? canonicalIp(more.slice(1, -1).split(',', 1)[0]!.trim()) : undefined;
  if (bracketed !== undefined) event.values[CLIENT_IP] = bracketed;
  const rest = all.slice(count + (bracketed === undefined ? 1 : 3));
  // `host address - request-id -`: the last word is the user.
  const user = rest.length > 1 && rest.at(-1) === '-' ? '-' : rest.join(' ');
  if (user !== '' && user !== '-' && user !== '""') event.values[USER] = user;
}

/** How many words come before ident. */
function addressWords(all: readonly string[]): number {
  const dash = all.indexOf('-', 1);
  if (all[0]?.endsWith(',') || all[0]?.startsWith('"')) {
    if (dash > 0) return dash;
    const last = all.findIndex((word, i) => !word.endsWith(',') && !word.startsWith('"') && (i === 0 || !isAddress(all[i + 1])));
    return last < 0 ? all.length : last + 1;
  }
  if (all.length <= 2 || dash === 1) return 1;
  // `host address - [` and `host address ident user [`, but `address ident - [`.
  const second = isAddress(all[1]);
  if (all.length === 3) return second && !isAddress(all[0]) ? 2 : 1;
  if (second || all[1]!.endsWith(',') || all[1]!.startsWith('"')) return dash > 1 ? dash : 2;
  return dash > 1 && !isAddress(all[0]) ? dash : dash === 2 ? 2 : 1;
}

function isAddress(word: string | undefined): boolean {
  if (word === undefined) return false;
  return canonicalIp(word.endsWith(',') ? word.slice(0, -1) : word) !== undefined;
}
