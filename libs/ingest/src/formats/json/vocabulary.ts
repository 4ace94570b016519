import { slot, type JsonObject } from '#ecs';
import { BoundedCache } from '../../bounded-cache.js';
import { canonicalIp, fillSource } from '../../http/address.js';
import type { LogEvent } from '../../log-event.js';
import { ACTION, CATEGORY, IP, METHOD, OUTCOME, STATUS, TYPE, USER, USER_ID } from '../../slots.js';
import { fillDeed, knownDeed, type DeedText } from './records/deeds.js';

const CODE = slot['event.code'];

type Meaning = readonly [category: string, type: string, outcome: 'success' | 'failure' | 'unknown'];

/**
 * The words of the OWASP logging vocabulary (https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html) and of ours that follow its pattern, by
 * their beginnings: the longest that fits counts.
 */
const vocabulary: readonly (readonly [string, Meaning])[] = (
  [
    ['authn_login_success', ['authentication', 'start', 'success']],
    ['authn_login_fail', ['authentication', 'start', 'failure']],
    ['authn_login_lock', ['authentication', 'info', 'failure']],
    ['authn_logout', ['authentication', 'end', 'success']],
    ['authn_password_change', ['iam', 'user change', 'success']],
    ['authn_password_change_fail', ['iam', 'user change', 'failure']],
    ['authn_password_reset', ['iam authentication', 'user change', 'success']],
    ['authn_impossible_travel', ['authentication', 'info', 'unknown']],
    ['authn_token', ['authentication', 'info', 'success']],
    ['authn_token_fail', ['authentication', 'info', 'failure']],
    ['authn_token_reuse', ['authentication', 'info', 'failure']],
    ['authn_mfa_success', ['authentication', 'info', 'success']],
    ['authn_mfa_fail', ['authentication', 'info', 'failure']],
    ['authn_mfa_denied', ['authentication', 'info', 'failure']],
    ['authn_mfa_timeout', ['authentication', 'info', 'failure']],
    ['authn_mfa_enrolled', ['iam authentication', 'user change', 'success']],
    ['authn_mfa_removed', ['iam authentication', 'user change', 'success']],
    ['authz_fail', ['iam', 'info', 'failure']],
    ['authz_change', ['iam', 'user change', 'success']],
    ['authz_admin', ['iam', 'admin change', 'success']],
    ['crypt_', ['configuration', 'info', 'failure']],
    ['excess_rate_limit_exceeded', ['web', 'denied', 'failure']],
    ['upload_complete', ['file', 'creation', 'success']],
    ['upload_stored', ['file', 'creation', 'success']],
    ['upload_validation', ['file', 'info', 'unknown']],
    ['upload_delete', ['file', 'deletion', 'success']],
    ['input_validation_', ['web', 'denied', 'failure']],
    ['malicious_', ['intrusion_detection', 'info', 'failure']],
    ['privilege_permissions_changed', ['iam', 'user change', 'success']],
    ['sensitive_create', ['file', 'creation', 'success']],
    ['sensitive_read', ['file', 'access', 'success']],
    ['sensitive_update', ['file', 'change', 'success']],
    ['sensitive_delete', ['file', 'deletion', 'success']],
    ['sequence_fail', ['web', 'denied', 'failure']],
    ['session_created', ['session', 'start', 'success']],
    ['session_renewed', ['session', 'info', 'success']],
    ['session_expired', ['session', 'end', 'success']],
    ['session_use_after_expire', ['session', 'info', 'failure']],
    ['sys_startup', ['process', 'start', 'success']],
    ['sys_shutdown', ['process', 'end', 'success']],
    ['sys_restart', ['process', 'start', 'success']],
    ['sys_crash', ['process', 'end', 'failure']],
    ['sys_monitor_', ['configuration', 'change', 'success']],
    ['user_created', ['iam', 'user creation', 'success']],
    ['user_updated', ['iam', 'user change', 'success']],
    ['user_archived', ['iam', 'user change', 'success']],
    ['user_deleted', ['iam', 'user deletion', 'success']],
  ] as const
).toSorted(([one], [other]) => other.length - one.length);

/** Words whose first argument is no user. */
const userless = /^(?:authn_token_delete|crypt_|input_validation_|upload_validation|sys_crash)/;
const shape = /^([a-z]{3,12}_[a-z_\d]{3,40})(?:[:[](.{0,1000}))?$/i;

/** What applications call their own logins, in whatever case and with whatever between the words: `LoginFailed`, `user.login.success`, `auth:sign-in`. */
const loginWords =
  /^(?:user_|users_|account_|auth_|authentication_|security_|customer_|admin_)*(?:(fail(?:ed|ure)?|invalid|unsuccessful|bad|success(?:ful)?)_)?(?:log_?in|log_?on|sign_?in|sign_?on|authentication|authenticate|auth)(?:_attempt)?(?:_(fail(?:ed|ure|s)?|error|denied|rejected|invalid|unsuccessful|success(?:ful)?|succeeded|succeed|ok|attempt))?$/;
const failure = /^(?:fail|invalid|unsuccessful|bad|error|denied|rejected|deny|ko$|no$|false$|unauthori[sz]ed)/;
const success = /^(?:success|succe|ok$|okay$|yes$|true$|allow|granted|passed$|pass$|authenticated$)/;

const otherWords: readonly (readonly [RegExp, DeedText])[] = [
  [/^(?:user_)?(?:log_?out|log_?off|sign_?out|sign_?off)(?:_success(?:ful)?)?$/, 'logout:success'],
  [/^(?:user_|account_)?(?:account_|user_|login_)?(?:locked|lock_?out|locked_out)$/, 'login_lock:failure'],
  [/^(?:user_)?(?:password_(?:changed?|updated?)|change_password)(?:_success)?$/, 'password:success'],
  [/^(?:user_)?(?:password_reset|reset_password)(?:_success|_completed?)?$/, 'password_reset:success'],
  [
    /^(?:mfa|2fa|otp|totp|two_factor|second_factor)(?:_challenge|_verification|_code)?_(?:fail(?:ed|ure)?|invalid|rejected)$/,
    'mfa:failure',
  ],
  [
    /^(?:mfa|2fa|otp|totp|two_factor|second_factor)(?:_challenge|_verification|_code)?_(?:success(?:ful)?|succeeded|verified|passed)$/,
    'mfa:success',
  ],
  [/^(?:mfa|2fa|otp|totp|two_factor)_(?:disabled|removed|reset)$/, 'mfa_remove:success'],
];

/** Answers to a login that is refused. */
const refusals = new Set([400, 401, 403, 422, 429]);

/** Where an application says how it ended, beside the name of the event. */
const endings = ['success', 'successful', 'succeeded', 'outcome', 'result', 'status', 'login_result', 'auth_result', 'state'];

/**
 * Fills action, category, type and outcome from the application's own word for what happened, where it is one of the OWASP vocabulary or plainly means a login, a logout, a lock,
 * a password or a second factor. What the log itself said of category or outcome stays. An unknown word stays what it is.
 */
export function fillFromWord(event: LogEvent, word: string, document: JsonObject): void {
  const part = word.length <= 1100 ? shape.exec(word) : null;
  const plain = part?.[1]!.toLowerCase();
  const known = plain === undefined ? undefined : vocabulary.find(([begin]) => plain.startsWith(begin));
  if (plain !== undefined && known) fillVocabulary(event, { text: word, word: plain, said: part?.[2]?.replace(/\]$/, '') }, known[1]);
  else if (word.length <= 80) fillCommon(event, word, document);
}

/** A word with its arguments, and both as they were written. */
interface Said {
  readonly text: string;
  readonly word: string;
  readonly said: string | undefined;
}

function fillVocabulary(event: LogEvent, { text, word, said }: Said, [category, type, outcome]: Meaning): void {
  const { values } = event;
  // Rules ask for the words of logins as they are; those that tell more in their arguments are asked by their beginning.
  const isBare = word.startsWith('authn_') || said === undefined;
  values[ACTION] = isBare ? word : `${word}:${said}`;
  if (isBare && said !== undefined) values[CODE] ??= text;
  values[CATEGORY] ??= Object.freeze(category.split(' '));
  values[TYPE] ??= Object.freeze(type.split(' '));
  if (outcome !== 'unknown') values[OUTCOME] ??= outcome;
  const who = said?.split(',', 1)[0]!.trim();
  if (who === undefined || who === '' || userless.test(word)) return;
  const ip = canonicalIp(who);
  if (ip === undefined) {
    if (values[USER_ID] === undefined) values[USER] ??= who.slice(0, 256);
  } else if (values[IP] === undefined) fillSource(event, ip);
}

function fillCommon(event: LogEvent, text: string, document: JsonObject): void {
  const { values } = event;
  // Whoever names a category has said what it is.
  if (values[CATEGORY] !== undefined) return;
  let meant = common.get(text);
  if (meant === undefined) common.set(text, (meant = commonMeaning(text)));
  const deed = typeof meant === 'string' ? meant : meant === unknown ? undefined : loginDeed(event, meant, document);
  const known = deed === undefined ? undefined : knownDeed(deed);
  if (!known) return;
  values[CODE] ??= text;
  fillDeed(event, known);
}

/** What a login's word itself says of its end. */
interface LoginWord {
  readonly ends: readonly (string | undefined)[];
}

const unknown = Symbol('unknown');
/** An application has few words for its events. */
const common = new BoundedCache<DeedText | LoginWord | typeof unknown>(512);

function commonMeaning(text: string): DeedText | LoginWord | typeof unknown {
  const word = normal(text);
  const login = loginWords.exec(word);
  if (login) return { ends: [login[1], login[2]] };
  return otherWords.find(([pattern]) => pattern.test(word))?.[1] ?? unknown;
}

/** `LoginFailed`, `login-failed` and `login.failed` are `login_failed`. */
function normal(text: string): string {
  return text
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\s.:/_-]+/g, '_');
}

function loginDeed({ values }: LogEvent, { ends }: LoginWord, document: JsonObject): DeedText | undefined {
  const told = values[OUTCOME];
  if (told === 'success' || told === 'failure') return `login:${told}`;
  for (const said of [...ends, ...endings.map((key) => document[key])]) {
    const ended = typeof said === 'string' || typeof said === 'boolean' ? String(said).toLowerCase() : '';
    if (failure.test(ended)) return 'login:failure';
    if (success.test(ended)) return 'login:success';
  }
  const status = values[STATUS];
  if (values[METHOD] !== 'POST' || typeof status !== 'number') return undefined;
  if (status >= 200 && status < 400) return 'login:success';
  return refusals.has(status) ? 'login:failure' : undefined;
}
