import type { LogEvent } from '../log-event.js';
import { ADDRESS, CLIENT_IP, IP, USER } from '../slots.js';
import { chainHeader, noteHeader } from './seen-headers.js';
import { canonicalIp, fillHost, fillSource, firstOfList, isV4 } from './address.js';

/** Reads what stands before the time: `address - -` in all but a few lines. */
export function fillHead(event: LogEvent, line: string, bracket: number): void {
  const space = line.indexOf(' ');
  // " - - " and nothing else between address and time.
  if (bracket === space + 5 && line.charCodeAt(space + 1) === 45 && line.charCodeAt(space + 3) === 45 && space > 0) {
    const address = line.slice(0, space);
    if (!isV4(address)) return fillSource(event, address);
    event.values[ADDRESS] = event.values[IP] = address;
    return;
  }
  fillWords(event, words(line.slice(0, bracket)));
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
  const user = all.slice(count + (bracketed === undefined ? 1 : 3)).join(' ');
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
