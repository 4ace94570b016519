import { slot } from '#ecs';
import { fillSource } from '../../http/address.js';
import type { LogEvent } from '../../log-event.js';
import { ACTION, AUTH_METHOD, CATEGORY, OUTCOME, PORT, REASON, TYPE, USER } from '../../slots.js';
import { fillPam } from './pam.js';
import { shapes, type Shape } from './sshd-shapes.js';

const CODE = slot['event.code'];

const maxMessage = 4096;
const repeated = /^message repeated (\d{1,6}) times: \[ (.*)\]$/;

/**
 * Fills what one of sshd's messages says; false where nothing is known of it. syslog's "message repeated 5 times: [ … ]" is one record and so
 * one event: what is in the brackets, and `event.code` `repeated:5`; a rule that counts events counts it once (see the README).
 */
export function fillSshd(event: LogEvent, text: string): boolean {
  const message = text.length > maxMessage ? text.slice(0, maxMessage) : text.trimEnd();
  const repeat = repeated.exec(message);
  if (repeat) event.values[CODE] = `repeated:${repeat[1]}`;
  const inner = repeat ? repeat[2]! : message;
  if (inner.startsWith('pam_') || inner.startsWith('PAM ')) return fillPam(event, inner);
  for (const shape of shapes) {
    if (!inner.startsWith(shape.begins)) continue;
    const found = shape.pattern.exec(inner);
    if (found) {
      fillShape(event, shape, found.groups ?? {});
      return true;
    }
  }
  return false;
}

function fillShape(event: LogEvent, shape: Shape, groups: Record<string, string | undefined>): void {
  const { values } = event;
  values[CATEGORY] = shape.category;
  values[TYPE] = shape.type;
  values[OUTCOME] = shape.outcome;
  if (shape.action !== undefined) values[ACTION] = shape.action;
  if (shape.reason !== undefined) values[REASON] = shape.reason;
  if (groups['method'] !== undefined) values[AUTH_METHOD] = methodOf(groups['method']);
  if (groups['user']) values[USER] = groups['user'];
  if (groups['from'] !== undefined) fillSource(event, groups['from']);
  if (groups['port'] !== undefined) values[PORT] = Number(groups['port']);
}

/** OpenSSH's word for the way, in ours; `keyboard-interactive` may ask for anything and stays. */
function methodOf(method: string): string | undefined {
  if (method === 'none') return undefined;
  return method.startsWith('gssapi') ? 'sso' : method.replace(/\/pam$/, '');
}
