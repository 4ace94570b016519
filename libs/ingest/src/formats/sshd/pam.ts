import { put } from '#ecs';
import { fillSource } from '../../http/address.js';
import type { LogEvent } from '../../log-event.js';
import { ACTION, AUTH_MFA, CATEGORY, OUTCOME, TYPE, USER } from '../../slots.js';

const authentication: readonly string[] = Object.freeze(['authentication']);
const session: readonly string[] = Object.freeze(['session']);
const iam: readonly string[] = Object.freeze(['iam']);
const info: readonly string[] = Object.freeze(['info']);
const start: readonly string[] = Object.freeze(['start']);
const end: readonly string[] = Object.freeze(['end']);
const userChange: readonly string[] = Object.freeze(['user', 'change']);

// Each begins "pam_unix(sshd:auth): "; the pieces behind are of the module's own making except names and hosts.
const moduleTag = /^pam_\w{1,32}\(([^:)]{1,64}):(auth|session|account|chauthtok)\): /;
const failure = /^authentication failure; logname=.*? rhost=(\S{0,255})(?: +user=(.{0,256}))?$/;
const moreFailures = /^PAM (\d{1,6}) more authentication failures?; logname=.*? rhost=(\S{0,255})(?: +user=(.{0,256}))?$/;

/**
 * Fills what a PAM module says. sshd itself tells each failed try once more with address and port: so PAM's line is a note (`authn_pam_fail`), and only
 * `authn_login_fail` is counted. For other services (su, sudo, login) nobody else speaks, and the failure is `authn_login_fail`.
 */
export function fillPam(event: LogEvent, message: string): boolean {
  const more = moreFailures.exec(message);
  if (more) {
    fillFailure(event, { from: more[2]!, user: more[3], action: 'authn_pam_fail' });
    return true;
  }
  const tag = moduleTag.exec(message);
  if (!tag) return false;
  const text = message.slice(tag[0].length);
  const { values } = event;
  const failed = failure.exec(text);
  if (failed) {
    fillFailure(event, { from: failed[1]!, user: failed[2], action: tag[1] === 'sshd' ? 'authn_pam_fail' : 'authn_login_fail' });
    return true;
  }
  if (tag[2] === 'session') return fillSession(event, text);
  if (fillVerdict(event, text)) return true;
  values[CATEGORY] = tag[2] === 'chauthtok' ? iam : authentication;
  values[TYPE] = info;
  const changed = /^password changed for (.{1,256})$/.exec(text);
  const unknown = /^(?:check pass; user unknown|user \[?(.{0,256}?)\]? (?:does not exist|unknown).*)$/.exec(text);
  if (changed) {
    values[TYPE] = userChange;
    values[ACTION] = 'authn_password_change';
    values[OUTCOME] = 'success';
    values[USER] = changed[1];
  } else if (unknown) {
    values[OUTCOME] = 'failure';
    if (unknown[1]) values[USER] = unknown[1];
  }
  return true;
}

/** What modules beside pam_unix say: sssd, faillock and tally, access lists, second factors. Groups: user, address. */
const verdicts: readonly { readonly pattern: RegExp; readonly action: string; readonly outcome: 'success' | 'failure' }[] = [
  {
    pattern: /^authentication success; logname=.*? rhost=(?<from>\S{0,255})(?: +user=(?<user>.{0,256}))?$/,
    action: 'authn_pam_success',
    outcome: 'success',
  },
  { pattern: /^received for user (?<user>.{1,256}?): \d{1,3} \(.*\)$/, action: 'authn_pam_fail', outcome: 'failure' },
  {
    pattern: /^Consecutive login failures for user (?<user>\S{1,256}) account temporarily locked/,
    action: 'authn_login_lock',
    outcome: 'failure',
  },
  { pattern: /^user (?<user>\S{1,256}) \(\d{1,10}\) tally \d{1,10}, deny \d{1,10}/, action: 'authn_login_lock', outcome: 'failure' },
  {
    pattern: /^access denied for user [`'"](?<user>[^`'"]{1,256})['"] from [`'"](?<from>[^`'"]{1,255})['"]/,
    action: 'authz_fail',
    outcome: 'failure',
  },
  { pattern: /^Invalid verification code(?: for (?<user>\S{1,256}))?/, action: 'authn_mfa_fail', outcome: 'failure' },
  { pattern: /^Accepted google_authenticator for (?<user>\S{1,256})/, action: 'authn_mfa_success', outcome: 'success' },
  {
    pattern: /^Successful Duo login for '(?<user>[^']{1,256})'(?: from (?<from>\S{1,255}))?/,
    action: 'authn_mfa_success',
    outcome: 'success',
  },
  { pattern: /^Failed Duo login for '(?<user>[^']{1,256})'(?: from (?<from>\S{1,255}))?/, action: 'authn_mfa_fail', outcome: 'failure' },
];

/** Fills what a module beside pam_unix says; false where nothing is known of it. */
export function fillVerdict(event: LogEvent, text: string): boolean {
  for (const { pattern, action, outcome } of verdicts) {
    const groups = pattern.exec(text)?.groups;
    if (!groups) continue;
    const { values } = event;
    values[CATEGORY] = authentication;
    values[TYPE] = info;
    values[ACTION] = action;
    values[OUTCOME] = outcome;
    if (action === 'authn_mfa_success') values[AUTH_MFA] = true;
    if (groups['from']) fillSource(event, groups['from']);
    if (groups['user']) values[USER] = groups['user'].trim();
    return true;
  }
  return false;
}

function fillFailure(event: LogEvent, { from, user, action }: { from: string; user: string | undefined; action: string }): void {
  const { values } = event;
  values[CATEGORY] = authentication;
  values[TYPE] = info;
  values[ACTION] = action;
  values[OUTCOME] = 'failure';
  fillSource(event, from);
  if (user) values[USER] = user.trim();
}

function fillSession(event: LogEvent, text: string): boolean {
  const { values } = event;
  values[CATEGORY] = session;
  const change = /^session (opened|closed) for user ([^\s(]{1,256})(?:\(uid=\d{1,10}\))?(?: by ([^\s(]{0,256})\(uid=\d{1,10}\))?/.exec(
    text,
  );
  values[TYPE] = change ? (change[1] === 'opened' ? start : end) : info;
  if (!change) return true;
  values[OUTCOME] = 'success';
  // Who became somebody else is the user; whom he became is what he acts as.
  const by = change[3];
  const became = by !== undefined && by !== '' && by !== change[2];
  values[USER] = became ? by : change[2];
  if (became) put((event.extra ??= {}), 'user.effective.name', change[2]!);
  return true;
}
