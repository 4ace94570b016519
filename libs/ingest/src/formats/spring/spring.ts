import { put } from '#ecs';
import { failed, quoted } from '../../failure.js';
import { fillSource } from '../../http/address.js';
import { redactText } from '../../redact/redact.js';
import { ACTION, CATEGORY, DATASET, LEVEL, MESSAGE, MODULE, OUTCOME, PID, SERVICE, TYPE, USER } from '../../slots.js';
import { takeStamp } from '../../stamps/framed-time.js';
import { isoTime } from '../../stamps/iso-time.js';
import type { LogEvent } from '../../log-event.js';
import type { Format } from '../format.js';

// 2026-01-15 10:05:03.123  INFO 4711 --- [shop] [nio-8080-exec-1] o.s.s.Class : message; since Spring Boot 3 the time has T and an offset.
const head =
  /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d{3,9}(?:Z|[+-]\d\d:?\d\d)?) +(TRACE|DEBUG|INFO|WARN|ERROR|FATAL) (\d{1,10}) --- ((?:\[[^\]]{0,128}\] ?){1,4}) *(\S{1,256}) *: (.*)$/;

const authentication: readonly string[] = Object.freeze(['authentication']);
const start: readonly string[] = Object.freeze(['start']);
const web: readonly string[] = Object.freeze(['web']);
const info: readonly string[] = Object.freeze(['info']);
const error: readonly string[] = Object.freeze(['error']);

/** Whether a line begins with a time, a level, a process id and three dashes. */
export function looksLikeSpring(line: string): boolean {
  const dashes = line.indexOf(' --- [', 24);
  return dashes > 0 && dashes < 64 && head.test(line.slice(0, 20_000));
}

/** Spring Boot's console log, of which the events of Spring Security's audit are understood and the rest kept as messages. */
export const spring: Format = {
  name: 'spring',
  parse(line, event, scope) {
    const part = head.exec(line.slice(0, 20_000));
    if (!part)
      return failed(
        'line_shape',
        `Expected a Spring Boot line such as "2026-01-15T10:05:03.123Z  INFO 4711 --- [main] o.s.Class : message", found ${quoted(line)}.`,
      );
    const bad = takeStamp(event, isoTime(part[1]!, scope.zone), scope);
    if (bad) return bad;
    const { values } = event;
    values[MODULE] = 'spring';
    values[DATASET] = 'spring.log';
    values[LEVEL] = part[2]!.toLowerCase();
    values[PID] = Number(part[3]);
    const brackets = [...part[4]!.matchAll(/\[([^\]]*)\]/g)].map(([, text]) => text!.trim());
    if (brackets.length > 1 && brackets[0] !== '') values[SERVICE] ??= brackets[0];
    event.extra ??= {};
    put(event.extra, 'log.logger', part[5]!);
    values[MESSAGE] = redactText(part[6]!);
    fillAudit(event, part[6]!);
    return undefined;
  },
};

// AuditListener: AuditEvent [timestamp=…, principal=alice, type=AUTHENTICATION_FAILURE, data={details=WebAuthenticationDetails [RemoteIpAddress=192.0.2.1, SessionId=…]}]
const audit =
  /^AuditEvent \[timestamp=[^,]{1,64}, principal=([^,]{0,256}), type=(AUTHENTICATION_(?:SUCCESS|FAILURE)|AUTHORIZATION_FAILURE)\b/;

function fillAudit(event: LogEvent, message: string): void {
  const { values } = event;
  const part = audit.exec(message);
  values[CATEGORY] = part ? authentication : web;
  values[TYPE] = part ? start : values[LEVEL] === 'error' ? error : info;
  values[OUTCOME] = !part ? 'unknown' : part[2]!.endsWith('SUCCESS') ? 'success' : 'failure';
  if (!part) return;
  values[ACTION] =
    part[2] === 'AUTHENTICATION_SUCCESS' ? 'authn_login_success' : part[2] === 'AUTHENTICATION_FAILURE' ? 'authn_login_fail' : 'authz_fail';
  if (part[1] !== '' && part[1] !== 'anonymousUser') values[USER] = part[1];
  const address = /RemoteIpAddress[=:] ?([\da-fA-F.:]{2,64})/.exec(message.slice(0, 4096));
  if (address) fillSource(event, address[1]!);
}
