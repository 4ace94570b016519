import { put } from '#ecs';
import { parseAccessLine } from '../../http/access-line.js';
import { DATASET, DURATION, MODULE, OUTCOME, STATUS, UPSTREAM_ADDRESS } from '../../slots.js';
import type { Format } from '../format.js';

// Behind the combined line: number of the request, router, server, duration.
const tail = / (?:\d{1,20}|-) (?:"([^"]{0,256})"|-) (?:"([^"]{0,512})"|-) (\d{1,12})ms$/;

/** Whether an access line ends as Traefik's do. */
export function looksLikeTraefik(line: string): boolean {
  const { length } = line;
  return line.charCodeAt(length - 1) === 115 && line.charCodeAt(length - 2) === 109 && tail.test(line.slice(-900));
}

/** Traefik's common format: combined, and behind it request count, router, server and duration. Its JSON is read as JSON. */
export const traefik: Format = {
  name: 'traefik',
  parse(line, event, scope) {
    const part = tail.exec(line.slice(-900));
    const failure = parseAccessLine(part ? quotedDashes(line.slice(0, line.length - part[0].length)) : line, event, scope);
    if (failure) return failure;
    const { values } = event;
    values[MODULE] = 'traefik';
    values[DATASET] = 'traefik.access';
    // 0: the client went away before there was an answer.
    if (values[STATUS] === 0) values[STATUS] = values[OUTCOME] = undefined;
    values[OUTCOME] ??= 'unknown';
    if (!part) return undefined;
    values[DURATION] = Number(part[3]) * 1e6;
    const server = (part[2] ?? '').replace(/^[a-z\d]{1,8}:\/\//, '').replace(/\/$/, '');
    if (server !== '' && server !== '-') values[UPSTREAM_ADDRESS] = server;
    if (part[1] && part[1] !== '-') {
      event.extra ??= {};
      put(event.extra, 'gatewatch.traefik.router', part[1]);
    }
    return undefined;
  },
};

// Some versions leave the quotes away around a referrer or user agent that is not there: `200 85 - "Android"`.
const bareReferrer = / (\d{1,20}|-) - ("[^"]{0,4096}"|-)$/;

function quotedDashes(head: string): string {
  const part = bareReferrer.exec(head.slice(-4200));
  if (!part) return head;
  return `${head.slice(0, head.length - part[0].length)} ${part[1]} "-" ${part[2] === '-' ? '"-"' : part[2]}`;
}
