import { put, slot } from '#ecs';
import { failed, quoted } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { fillSource } from '../../http/address.js';
import { numberOf, present } from '../../http/columns.js';
import { fillTarget } from '../../http/request.js';
import { BODY_BYTES, DATASET, DURATION, METHOD, MODULE, STATUS, UPSTREAM_ADDRESS, USER } from '../../slots.js';
import { epochTime } from '../../stamps/iso-time.js';
import type { Format } from '../format.js';

const MIME = slot['http.response.mime_type'];
// time elapsed client code/status bytes method target user hierarchy/peer type
const look = /^(\d{9,11}\.\d{1,6}) +(-?\d{1,12}) (\S{1,255}) ([A-Z_]{3,64})\/(\d{1,3}) (\d{1,18}|-) (\S{1,64}) /;
const behind = /^(\S{1,256}) ([A-Z_]{3,64})\/(\S{1,255})(?: (\S{1,255}))?/;

/** Whether a line begins as Squid's native log does: `1286536309.586    921 192.0.2.1 TCP_MISS/200 `. */
export function looksLikeSquid(line: string): boolean {
  const dot = line.charCodeAt(10) === 46 || line.charCodeAt(9) === 46;
  return dot && look.test(line.slice(0, 700));
}

/** Squid's native access log. */
export const squid: Format = {
  name: 'squid',
  parse(line, event) {
    const part = look.exec(line.slice(0, 700));
    if (!part)
      return failed(
        'line_shape',
        `Expected a Squid line such as "1286536309.586 921 192.0.2.1 TCP_MISS/200 507 GET http://…", found ${quoted(line)}.`,
      );
    const stamp = epochTime(Number(part[1]));
    if (typeof stamp !== 'number') return stamp;
    const { values } = event;
    event.stamp = stamp;
    values[MODULE] = 'squid';
    values[DATASET] = 'squid.access';
    const elapsed = numberOf(part[2]);
    if (elapsed !== undefined) values[DURATION] = elapsed * 1e6;
    fillSource(event, part[3]!);
    event.extra ??= {};
    put(event.extra, 'gatewatch.squid.result', part[4]!);
    // 0: the client went away before there was an answer.
    if (part[5]!.length === 3 && part[5] !== '000') values[STATUS] = Number(part[5]);
    values[BODY_BYTES] = numberOf(part[6]);
    if (part[7] !== 'NONE' && /^[A-Za-z]/.test(part[7]!)) values[METHOD] = part[7];
    const from = part[0].length;
    const space = line.indexOf(' ', from);
    const target = line.slice(from, space < 0 ? line.length : space);
    if (present(target) && !target.startsWith('error:')) fillTarget(event, target);
    const rest = space < 0 ? null : behind.exec(line.slice(space + 1, space + 1600));
    if (rest) {
      if (present(rest[1])) values[USER] = rest[1];
      if (present(rest[3])) values[UPSTREAM_ADDRESS] = rest[3];
      if (present(rest[4])) values[MIME] = rest[4];
    }
    finishAccess(event);
    return undefined;
  },
};
