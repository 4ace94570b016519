import type { LogEvent } from '../../../log-event.js';
import { ACTION, AUTH_MFA, CATEGORY, OUTCOME, TYPE } from '../../../slots.js';

/** What was done, in the words of the OWASP logging vocabulary, with what ECS calls it. */
interface Deed {
  /** `event.action` by outcome; where it has none, the provider's own word stays. */
  readonly success?: string;
  readonly failure?: string;
  readonly category: readonly string[];
  readonly type: readonly string[];
}

const list = (...words: string[]): readonly string[] => Object.freeze(words);
const authentication = list('authentication');
const iam = list('iam');
const iamAuthentication = list('iam', 'authentication');
const info = list('info');
const start = list('start');
const end = list('end');
const userChange = list('user', 'change');
const adminChange = list('admin', 'change');

/** OWASP has no word for second factors and for logging out: `authn_mfa_*` and `authn_logout` are ours, after its pattern. */
const deeds = {
  login: { success: 'authn_login_success', failure: 'authn_login_fail', category: authentication, type: start },
  login_lock: { success: 'authn_login_lock', failure: 'authn_login_lock', category: authentication, type: info },
  logout: { success: 'authn_logout', failure: 'authn_logout', category: authentication, type: end },
  /** The credentials were right; a policy said no. */
  login_refused: { failure: 'authz_fail', category: authentication, type: start },
  mfa: { success: 'authn_mfa_success', failure: 'authn_mfa_fail', category: authentication, type: info },
  mfa_denied: { success: 'authn_mfa_denied', failure: 'authn_mfa_denied', category: authentication, type: info },
  mfa_timeout: { success: 'authn_mfa_timeout', failure: 'authn_mfa_timeout', category: authentication, type: info },
  mfa_enrol: { success: 'authn_mfa_enrolled', failure: 'authn_mfa_enrol_fail', category: iamAuthentication, type: userChange },
  mfa_remove: { success: 'authn_mfa_removed', failure: 'authn_mfa_remove_fail', category: iamAuthentication, type: userChange },
  password: { success: 'authn_password_change', failure: 'authn_password_change_fail', category: iam, type: userChange },
  password_reset: { success: 'authn_password_reset', failure: 'authn_password_reset_fail', category: iamAuthentication, type: userChange },
  token: { success: 'authn_token_created', failure: 'authn_token_fail', category: authentication, type: info },
  token_revoke: { success: 'authn_token_revoked', category: iam, type: list('change') },
  token_reuse: { success: 'authn_token_reuse', failure: 'authn_token_reuse', category: authentication, type: info },
  impossible_travel: {
    success: 'authn_impossible_travel',
    failure: 'authn_impossible_travel',
    category: authentication,
    type: info,
  },
  authn: { category: authentication, type: info },
  authz: { failure: 'authz_fail', category: iam, type: info },
  authz_admin: { success: 'authz_admin', failure: 'authz_fail', category: iam, type: adminChange },
  privileges: { success: 'privilege_permissions_changed', failure: 'authz_fail', category: iam, type: userChange },
  group: { success: 'privilege_permissions_changed', failure: 'authz_fail', category: iam, type: list('group', 'change') },
  user_create: { success: 'user_created', category: iam, type: list('user', 'creation') },
  user_update: { success: 'user_updated', category: iam, type: userChange },
  user_archive: { success: 'user_archived', category: iam, type: userChange },
  user_delete: { success: 'user_deleted', category: iam, type: list('user', 'deletion') },
  limit: { success: 'excess_rate_limit_exceeded', failure: 'excess_rate_limit_exceeded', category: list('web'), type: list('denied') },
  malicious: { success: 'malicious_attack_tool', failure: 'malicious_attack_tool', category: list('intrusion_detection'), type: info },
  threat: { category: list('threat', 'intrusion_detection'), type: list('indicator') },
  config: { category: list('configuration'), type: list('change') },
  monitor_off: { success: 'sys_monitor_disabled', failure: 'authz_fail', category: list('configuration'), type: list('change') },
  iam: { category: iam, type: info },
  session_start: { success: 'session_created', category: list('session'), type: start },
  session_end: { success: 'session_expired', category: list('session'), type: end },
  api: { failure: 'authz_fail', category: list('web'), type: list('access') },
  other: { category: list('web'), type: info },
} as const satisfies Record<string, Deed>;

export type DeedName = keyof typeof deeds;
export const deedNames = Object.keys(deeds) as DeedName[];

/** A deed's name; `login:failure` says how it ended too, where the record's word for the event says that. */
export type DeedText = DeedName | `${DeedName}:${'success' | 'failure'}`;

/** A deed that was looked up before the first record. */
export interface KnownDeed {
  readonly deed: Deed;
  readonly outcome: 'success' | 'failure' | undefined;
}

/** `undefined` where there is no such deed. */
export function knownDeed(text: string): KnownDeed | undefined {
  const [name, outcome, more] = text.split(':') as [string, string | undefined, string | undefined];
  const deed = Object.hasOwn(deeds, name) ? deeds[name as DeedName] : undefined;
  if (!deed || more !== undefined || (outcome !== undefined && outcome !== 'success' && outcome !== 'failure')) return undefined;
  return { deed, outcome };
}

/** Fills action, category, type, and the outcome where the deed's own word tells it. */
export function fillDeed({ values }: LogEvent, { deed, outcome }: KnownDeed): void {
  if (outcome !== undefined) values[OUTCOME] = outcome;
  values[CATEGORY] = deed.category;
  values[TYPE] = deed.type;
  const word =
    values[OUTCOME] === 'failure'
      ? deed.failure
      : values[OUTCOME] === 'success' || deed.failure === deed.success
        ? deed.success
        : undefined;
  if (word !== undefined) values[ACTION] = word;
  if (deed === deeds.mfa && values[OUTCOME] === 'success') values[AUTH_MFA] ??= true;
}
