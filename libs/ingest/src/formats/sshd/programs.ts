import type { LogEvent } from '../../log-event.js';
import { ACTION, CATEGORY, OUTCOME, TYPE, USER } from '../../slots.js';
import { fillPam } from './pam.js';

const session: readonly string[] = Object.freeze(['session']);
const iam: readonly string[] = Object.freeze(['iam']);
const process: readonly string[] = Object.freeze(['process']);
const authentication: readonly string[] = Object.freeze(['authentication']);
const start: readonly string[] = Object.freeze(['start']);
const end: readonly string[] = Object.freeze(['end']);
const user: readonly string[] = Object.freeze(['user']);
const group: readonly string[] = Object.freeze(['group']);
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
  return fillAccounts(event, program, message);
}

// "  ubuntu : TTY=pts/0 ; PWD=/home/ubuntu ; USER=root ; COMMAND=/bin/su", before TTY perhaps "3 incorrect password attempts ;"
function fillSudo({ values }: LogEvent, message: string): boolean {
  const part = /^ *(\S{1,256}) : (.*?)(?:; )?(?:TTY|PWD|USER|COMMAND)=/.exec(message);
  if (!part) return false;
  const refused = part[2]!.trim();
  values[USER] = part[1];
  values[CATEGORY] = /password/.test(refused) ? authentication : process;
  values[TYPE] = start;
  values[OUTCOME] = refused === '' ? 'success' : 'failure';
  if (/incorrect password|a password is required/.test(refused)) values[ACTION] = 'authn_login_fail';
  else if (refused !== '') values[ACTION] = 'authz_fail';
  return true;
}

function fillSu({ values }: LogEvent, message: string): boolean {
  const part = /^(?:(Successful|FAILED) su for (\S{1,256}) by (\S{1,256})|(FAILED SU) \(to (\S{1,256})\) (\S{1,256}) on .*)/.exec(message);
  if (!part) return false;
  const success = part[1] === 'Successful';
  values[CATEGORY] = authentication;
  values[TYPE] = start;
  values[USER] = part[3] ?? part[6];
  values[OUTCOME] = success ? 'success' : 'failure';
  values[ACTION] = success ? 'authn_login_success' : 'authn_login_fail';
  return true;
}

function fillLogind({ values }: LogEvent, message: string): boolean {
  const opened = /^New session \S{1,64} of user (\S{1,255}?)\.?$/.exec(message);
  if (!opened && !message.startsWith('Removed session')) return false;
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
]);

function fillAccounts({ values }: LogEvent, program: string, message: string): boolean {
  if (!accountPrograms.has(program)) return false;
  values[CATEGORY] = iam;
  const named = /^(?:new (?:user|group): name=|delete user '|failed adding user '|group added to \S{1,128} name=)([^',\s]{1,256})/.exec(
    message,
  );
  const ofGroup = message.startsWith('new group') || message.startsWith('group ') || program.startsWith('group');
  values[TYPE] = message.startsWith('new user') ? userCreation : message.startsWith('delete user') ? userDeletion : ofGroup ? group : user;
  if (message.startsWith('new group')) values[TYPE] = groupCreation;
  if (message.startsWith('failed')) values[OUTCOME] = 'failure';
  else if (named) values[OUTCOME] = 'success';
  if (message.startsWith('new user')) values[ACTION] = 'user_created';
  if (named && !ofGroup) values[USER] = named[1];
  return true;
}
