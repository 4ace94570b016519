import { put } from '#ecs';
import { fillSource } from '../../http/address.js';
import type { LogEvent } from '../../log-event.js';
import { ACTION, CATEGORY, OUTCOME, TYPE, USER } from '../../slots.js';
import { fillPam, fillVerdict } from './pam.js';

const session: readonly string[] = Object.freeze(['session']);
const iam: readonly string[] = Object.freeze(['iam']);
const process: readonly string[] = Object.freeze(['process']);
const authentication: readonly string[] = Object.freeze(['authentication']);
const start: readonly string[] = Object.freeze(['start']);
const end: readonly string[] = Object.freeze(['end']);
const user: readonly string[] = Object.freeze(['user']);
const group: readonly string[] = Object.freeze(['group']);
const userChange: readonly string[] = Object.freeze(['user', 'change']);
const userCreation: readonly string[] = Object.freeze(['user', 'creation']);
const userDeletion: readonly string[] = Object.freeze(['user', 'deletion']);
const groupCreation: readonly string[] = Object.freeze(['group', 'creation']);

/** Fills what neighbours of sshd in the auth log say; false where nothing is known of the line. */
export function fillProgram(event: LogEvent, program: string, text: string): boolean {
  const message = text.length > 4096 ? text.slice(0, 4096) : text;
  if (message.startsWith('pam_')) return fillPam(event, message);
  if (program === 'sudo') return fillSudo(event, message);
  if (program === 'su') return fillSu(event, message);
  if (program === 'systemd-logind') return fillLogind(event, message);
  if (program === 'login') return fillLogin(event, message);
  if (program === 'dovecot' || program.startsWith('smtpd') || program === 'auth') return fillMail(event, message);
  if (/^(?:sshd\(pam_|login_duo|pam_duo)/.test(program)) return fillVerdict(event, message);
  return fillAccounts(event, program, message);
}

// "  ubuntu : TTY=pts/0 ; PWD=/home/ubuntu ; USER=root ; COMMAND=/bin/su", before TTY perhaps "3 incorrect password attempts ;"
function fillSudo(event: LogEvent, message: string): boolean {
  const { values } = event;
  const part = /^ *(\S{1,256}) : (.*?)(?:; )?(?:TTY|PWD|USER|COMMAND)=/.exec(message);
  if (!part) return false;
  const refused = part[2]!.trim();
  values[USER] = part[1];
  const target = / USER=([^\s;]{1,256})/.exec(message)?.[1];
  if (target !== undefined && target !== part[1]) put((event.extra ??= {}), 'user.effective.name', target);
  values[CATEGORY] = /password/.test(refused) ? authentication : process;
  values[TYPE] = start;
  values[OUTCOME] = refused === '' ? 'success' : 'failure';
  if (/incorrect password|a password is required/.test(refused)) values[ACTION] = 'authn_login_fail';
  else if (refused !== '') values[ACTION] = 'authz_fail';
  return true;
}

// pam_unix's su, util-linux' su (by its silence a success), and the old shadow suite's signs.
const suShapes: readonly { readonly pattern: RegExp; readonly success: boolean }[] = [
  { pattern: /^Successful su for (?<target>\S{1,256}) by (?<user>\S{1,256})/, success: true },
  { pattern: /^FAILED su for (?<target>\S{1,256}) by (?<user>\S{1,256})/, success: false },
  { pattern: /^FAILED SU \(to (?<target>[^)]{1,256})\) (?<user>\S{1,256}) on /, success: false },
  { pattern: /^\(to (?<target>[^)]{1,256})\) (?<user>\S{1,256}) on /, success: true },
  { pattern: /^\+ \S{1,64} (?<user>[^\s:]{1,256}):(?<target>\S{1,256})$/, success: true },
  { pattern: /^- \S{1,64} (?<user>[^\s:]{1,256}):(?<target>\S{1,256})$/, success: false },
];

function fillSu(event: LogEvent, message: string): boolean {
  for (const { pattern, success } of suShapes) {
    const groups = pattern.exec(message)?.groups;
    if (!groups) continue;
    fillAuthentication(event, success, groups['user']);
    if (groups['target'] !== groups['user']) put((event.extra ??= {}), 'user.effective.name', groups['target']!);
    return true;
  }
  return false;
}

function fillAuthentication({ values }: LogEvent, success: boolean, user: string | undefined): void {
  values[CATEGORY] = authentication;
  values[TYPE] = start;
  if (user) values[USER] = user;
  values[OUTCOME] = success ? 'success' : 'failure';
  values[ACTION] = success ? 'authn_login_success' : 'authn_login_fail';
}

/** The login of a console or of telnet. */
function fillLogin(event: LogEvent, message: string): boolean {
  const failed =
    /^FAILED LOGIN (?:\(\d{1,5}\)|SESSION|\d{1,5})(?: on '?\S{1,64}'?)?(?: from '?([^\s',]{1,255})'?)? FOR '?([^\s',]{1,256})'?/i.exec(
      message,
    );
  const root = failed ? null : /^ROOT LOGIN +on '?\S{1,64}?'?(?: from '?([^\s']{1,255})'?)?$/i.exec(message);
  const done = failed || root ? null : /^LOGIN ON \S{1,64} BY (\S{1,256})(?: FROM (\S{1,255}))?$/.exec(message);
  if (!failed && !root && !done) return false;
  fillAuthentication(event, !failed, failed?.[2] ?? (root ? 'root' : done?.[1]));
  const from = failed?.[1] ?? root?.[1] ?? done?.[2];
  if (from !== undefined) fillSource(event, from);
  return true;
}

/** Logins at mail servers: Dovecot, and Postfix's SASL. */
function fillMail(event: LogEvent, message: string): boolean {
  const sasl = /^warning: \S{1,255}\[([^\]]{2,64})\](?::\d{1,5})?: SASL \S{1,32} authentication failed/.exec(message);
  if (sasl) {
    fillAuthentication(event, false, /sasl_username=(\S{1,256})$/.exec(message)?.[1]);
    fillSource(event, sasl[1]!);
    return true;
  }
  const login = /^(?:imap|pop3|submission|managesieve)-login: (Login|Disconnected|Aborted login)/.exec(message);
  if (!login) return false;
  const failed = login[1] !== 'Login';
  if (failed && !message.includes('auth failed')) return false;
  fillAuthentication(event, !failed, / user=<([^<>]{1,256})>/.exec(message)?.[1]);
  const from = / rip=([0-9a-fA-F.:]{2,45})/.exec(message)?.[1];
  if (from !== undefined) fillSource(event, from);
  return true;
}

function fillLogind({ values }: LogEvent, message: string): boolean {
  const opened = /^New session \S{1,64} of user (\S{1,255}?)\.?$/.exec(message);
  if (!opened && !/^(?:Removed session|Session \S{1,64} logged out)/.test(message)) return false;
  values[CATEGORY] = session;
  values[TYPE] = opened ? start : end;
  if (opened) values[USER] = opened[1];
  return true;
}

const accountPrograms = new Set([
  'useradd',
  'userdel',
  'usermod',
  'groupadd',
  'groupdel',
  'groupmod',
  'chpasswd',
  'passwd',
  'chage',
  'adduser',
  'gpasswd',
]);

function fillAccounts({ values }: LogEvent, program: string, message: string): boolean {
  if (!accountPrograms.has(program)) return false;
  values[CATEGORY] = iam;
  if (fillChange(values, message)) return true;
  const named = /^(?:new (?:user|group): name=|delete user '|failed adding user '|group added to \S{1,128} name=)([^',\s]{1,256})/.exec(
    message,
  );
  const ofGroup = message.startsWith('new group') || message.startsWith('group ') || program.startsWith('group');
  values[TYPE] = message.startsWith('new user') ? userCreation : message.startsWith('delete user') ? userDeletion : ofGroup ? group : user;
  if (message.startsWith('new group')) values[TYPE] = groupCreation;
  if (message.startsWith('failed')) values[OUTCOME] = 'failure';
  else if (named) values[OUTCOME] = 'success';
  if (message.startsWith('new user')) values[ACTION] = 'user_created';
  if (message.startsWith('delete user')) values[ACTION] = 'user_deleted';
  if (named && !ofGroup) values[USER] = named[1];
  return true;
}

const changes: readonly { readonly pattern: RegExp; readonly action: string }[] = [
  { pattern: /^add '([^']{1,256})' to (?:shadow )?group '/, action: 'privilege_permissions_changed' },
  { pattern: /^delete '([^']{1,256})' from (?:shadow )?group '/, action: 'privilege_permissions_changed' },
  { pattern: /^user (\S{1,256}) (?:added|removed) by \S{1,256} (?:to|from) group /, action: 'privilege_permissions_changed' },
  { pattern: /^lock user '([^']{1,256})' password/, action: 'user_archived' },
  { pattern: /^(?:unlock|change) user '([^']{1,256})' (?!password)/, action: 'user_updated' },
  { pattern: /^unlock user '([^']{1,256})' password/, action: 'user_updated' },
  { pattern: /^change user '([^']{1,256})' password/, action: 'authn_password_change' },
  { pattern: /^password for '([^']{1,256})' changed by '/, action: 'authn_password_change' },
  { pattern: /^changed password expiry for (\S{1,256})/, action: 'user_updated' },
];

function fillChange(values: LogEvent['values'], message: string): boolean {
  for (const { pattern, action } of changes) {
    const user = pattern.exec(message)?.[1];
    if (user === undefined) continue;
    values[TYPE] = userChange;
    values[ACTION] = action;
    values[OUTCOME] = 'success';
    values[USER] = user;
    return true;
  }
  return false;
}
