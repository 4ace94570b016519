import { slot } from '#ecs';
import { fillSource } from '../../http/address.js';
import type { LogEvent } from '../../log-event.js';
import { ACTION, CATEGORY, OUTCOME, PORT, REASON, TYPE, USER } from '../../slots.js';
import { fillPam } from './pam.js';

const authentication: readonly string[] = Object.freeze(['authentication']);
const network: readonly string[] = Object.freeze(['network']);
const session: readonly string[] = Object.freeze(['session']);
const start: readonly string[] = Object.freeze(['start']);
const info: readonly string[] = Object.freeze(['info']);
const connectionStart: readonly string[] = Object.freeze(['connection', 'start']);
const connectionEnd: readonly string[] = Object.freeze(['connection', 'end']);
const CODE = slot['event.code'];

/** How one kind of message is read. Groups: `user`, `from`, `port`, `method`. */
interface Shape {
  readonly begins: string;
  readonly pattern: RegExp;
  readonly category: readonly string[];
  readonly type: readonly string[];
  readonly action?: string;
  readonly outcome: 'success' | 'failure' | 'unknown';
  readonly reason?: string;
}

// The user name is the attacker's to choose and may hold " from 10.0.0.1 port 22": sshd writes the true address last, so the greedy `.*` ends there.
const end = '(?<from>\\S{1,255}) port (?<port>\\d{1,5})';
const login = { category: authentication, type: start } as const;
const note = { category: authentication, type: info } as const;

const shapes: readonly Shape[] = [
  {
    begins: 'Failed none for',
    pattern: re(`Failed none for (?:invalid user )?(?<user>.*) from ${end}(?: ssh2)?`),
    ...note,
    action: 'authn_none',
    outcome: 'unknown',
  },
  {
    begins: 'Failed ',
    pattern: re(`Failed (?<method>\\S{1,64}) for (?:invalid user |illegal user )?(?<user>.*) from ${end}(?: ssh2)?(?:: .*)?`),
    ...login,
    action: 'authn_login_fail',
    outcome: 'failure',
  },
  {
    begins: 'Accepted ',
    pattern: re(`Accepted (?<method>\\S{1,64}) for (?<user>.*) from ${end}(?: ssh2)?(?:: .*)?`),
    ...login,
    action: 'authn_login_success',
    outcome: 'success',
  },
  {
    begins: 'Postponed ',
    pattern: re(`Postponed (?<method>\\S{1,64}) for (?:invalid user )?(?<user>.*) from ${end}(?: ssh2)?.*`),
    ...note,
    outcome: 'unknown',
  },
  {
    begins: 'Invalid user ',
    pattern: re(`Invalid user (?<user>.*?) ?from (?<from>\\S{1,255})(?: port (?<port>\\d{1,5}))?`),
    ...note,
    action: 'authn_invalid_user',
    outcome: 'failure',
    reason: 'invalid_user',
  },
  {
    begins: 'Illegal user ',
    pattern: re(`Illegal user (?<user>.*?) ?from (?<from>\\S{1,255})`),
    ...note,
    action: 'authn_invalid_user',
    outcome: 'failure',
    reason: 'invalid_user',
  },
  {
    begins: 'input_userauth_request: invalid user',
    pattern: re(`input_userauth_request: invalid user (?<user>.*?) ?\\[preauth\\]`),
    ...note,
    outcome: 'failure',
    reason: 'invalid_user',
  },
  {
    begins: 'error: maximum authentication attempts',
    pattern: re(`error: maximum authentication attempts exceeded for (?:invalid user )?(?<user>.*) from ${end}(?: ssh2)?.*`),
    ...note,
    action: 'authn_login_fail_max',
    outcome: 'failure',
    reason: 'max_attempts',
  },
  {
    begins: 'User ',
    pattern: re(`User (?<user>.*) from (?<from>\\S{1,255}) not allowed because .*`),
    ...note,
    outcome: 'failure',
    reason: 'not_allowed',
  },
  {
    begins: 'Disconnecting ',
    pattern: re(`Disconnecting (?:(?:authenticating|invalid) user (?<user>.*) )?${end}: .*`),
    ...note,
    outcome: 'failure',
  },
  {
    begins: 'Disconnected from ',
    pattern: re(`Disconnected from (?:authenticating |invalid )user (?<user>.*) ${end} \\[preauth\\]`),
    ...note,
    action: 'authn_abandoned',
    outcome: 'failure',
  },
  {
    begins: 'Disconnected from ',
    pattern: re(`Disconnected from (?:(?:authenticating |invalid )?user (?<user>.*) )?${end}(?: \\[preauth\\])?`),
    category: network,
    type: connectionEnd,
    outcome: 'unknown',
  },
  {
    begins: 'Connection closed by ',
    pattern: re(`Connection closed by (?:authenticating|invalid) user (?<user>.*) ${end}(?: \\[preauth\\])?`),
    ...note,
    action: 'authn_abandoned',
    outcome: 'failure',
  },
  {
    begins: 'Connection closed by ',
    pattern: re(`Connection closed by (?:(?:authenticating|invalid) user (?<user>.*) )?${end}(?: \\[preauth\\])?`),
    category: network,
    type: connectionEnd,
    outcome: 'unknown',
  },
  {
    begins: 'Connection reset by ',
    pattern: re(`Connection reset by (?:authenticating|invalid) user (?<user>.*) ${end}(?: \\[preauth\\])?`),
    ...note,
    action: 'authn_abandoned',
    outcome: 'failure',
  },
  {
    begins: 'Connection reset by ',
    pattern: re(`Connection reset by (?:(?:authenticating|invalid) user (?<user>.*) )?${end}(?: \\[preauth\\])?`),
    category: network,
    type: connectionEnd,
    outcome: 'unknown',
  },
  {
    begins: 'Received disconnect from ',
    pattern: re(`Received disconnect from (?<from>[^\\s:]{1,255}|\\S{1,255}?)(?: port (?<port>\\d{1,5}))?: ?\\d.*`),
    category: network,
    type: connectionEnd,
    outcome: 'unknown',
  },
  { begins: 'Connection from ', pattern: re(`Connection from ${end}.*`), category: network, type: connectionStart, outcome: 'unknown' },
  {
    begins: 'Did not receive identification',
    pattern: re(`Did not receive identification string from (?<from>\\S{1,255})(?: port (?<port>\\d{1,5}))?`),
    category: network,
    type: connectionEnd,
    outcome: 'failure',
    reason: 'no_identification',
  },
  {
    begins: 'Bad protocol version',
    pattern: re(`Bad protocol version identification .* from ${end}`),
    category: network,
    type: connectionEnd,
    outcome: 'failure',
    reason: 'bad_protocol',
  },
  {
    begins: 'banner exchange: ',
    pattern: re(`banner exchange: Connection from ${end}: .*`),
    category: network,
    type: connectionEnd,
    outcome: 'failure',
    reason: 'bad_protocol',
  },
  {
    begins: 'Unable to negotiate',
    pattern: re(`Unable to negotiate with ${end}: .*`),
    category: network,
    type: connectionEnd,
    outcome: 'failure',
    reason: 'no_matching_algorithm',
  },
  {
    begins: 'reverse mapping checking',
    pattern: re(`reverse mapping checking getaddrinfo for .* \\[(?<from>[^\\]]{1,64})\\](?: failed)?.*`),
    category: network,
    type: info,
    outcome: 'failure',
    reason: 'reverse_mapping',
  },
  {
    begins: 'Address ',
    pattern: re(`Address (?<from>\\S{1,255}) maps to .*`),
    category: network,
    type: info,
    outcome: 'failure',
    reason: 'reverse_mapping',
  },
  {
    begins: 'Starting session',
    pattern: re(`Starting session: .* for (?<user>.*) from ${end}.*`),
    category: session,
    type: start,
    outcome: 'success',
  },
];

function re(source: string): RegExp {
  return new RegExp(`^${source}$`);
}

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
    const groups = shape.pattern.exec(inner)?.groups;
    if (groups) {
      fillShape(event, shape, groups);
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
  if (groups['user']) values[USER] = groups['user'];
  if (groups['from'] !== undefined) fillSource(event, groups['from']);
  if (groups['port'] !== undefined) values[PORT] = Number(groups['port']);
}
