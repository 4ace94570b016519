import { fillSource } from '../../http/address.js';
import type { LogEvent } from '../../log-event.js';
import { ACTION, CATEGORY, OUTCOME, TYPE, USER } from '../../slots.js';

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
    fillFailure(event, { from: more[1]!, user: more[2], action: 'authn_pam_fail' });
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
  const change = /^session (opened|closed) for user ([^\s(]{1,256})/.exec(text);
  values[TYPE] = change ? (change[1] === 'opened' ? start : end) : info;
  if (!change) return true;
  values[OUTCOME] = 'success';
  values[USER] = change[2];
  return true;
}
