import type { JsonObject } from '#ecs';
import type { RecordShape } from '../record-map.js';
import { recordIn } from '../embedded-json.js';
import { isObject } from '../value-path.js';

const methods = {
  '*push*': 'push',
  '*passcode*': 'otp',
  hardware_token: 'otp',
  'yubikey*': 'otp',
  bypass_code: 'otp',
  '*sms*': 'sms',
  '*phone*': 'phone',
  '*u2f*': 'webauthn',
  '*webauthn*': 'webauthn',
  '*platform*': 'webauthn',
  '*roaming*': 'webauthn',
  digital_id: 'mtls',
  remembered_device: 'session',
  'trusted*': 'session',
} as const;

/** Cisco Duo's authentication log, versions 1 and 2 of the Admin API (https://duo.com/docs/adminapi#authentication-logs). */
export const duo: RecordShape = {
  name: 'duo',
  marks: ['factor', 'txid'],
  find: (tree) =>
    ('timestamp' in tree || 'isotimestamp' in tree) && 'result' in tree && (isObject(tree['user']) || 'integration' in tree)
      ? tree
      : undefined,
  module: 'cisco_duo',
  dataset: 'cisco_duo.auth',
  time: ['isotimestamp', 'timestamp'],
  id: 'txid',
  none: ['n/a', 'none', 'null'],
  fields: {
    'event.code': ['event_type', 'eventtype'],
    'event.reason': 'reason',
    'source.ip': ['access_device.ip.address', 'access_device.ip', 'ip', 'auth_device.ip'],
    'source.geo.city_name': ['access_device.location.city', 'location.city'],
    'user.id': ['user.key', 'user_id'],
    'user.name': ['user.name', 'username'],
    'user.email': 'email',
    'service.name': ['application.name', 'integration'],
    'user_agent.name': ['access_device.browser', 'access_browser'],
    'user_agent.version': ['access_device.browser_version'],
    'user_agent.os.name': ['access_device.os'],
    'user_agent.os.version': ['access_device.os_version'],
    'gatewatch.auth.factor': 'factor',
    'gatewatch.auth.device': ['auth_device.name', 'device'],
  },
  words: { 'gatewatch.auth.method': { from: 'factor', of: methods } },
  outcome: { from: 'result', success: ['success', 'allow'], failure: ['denied', 'deny', 'failure', 'fraud', 'error'] },
  // Duo is the second factor: the login was counted where the first was asked for.
  actions: { from: ['event_type', 'eventtype', 'factor'], of: { authentication: 'mfa', enrollment: 'mfa_enrol' }, otherwise: 'mfa' },
  when: [
    { if: { result: 'fraud' }, action: 'mfa_denied:failure', set: { 'event.reason': 'user_marked_fraud' } },
    {
      if: {
        reason: [
          'user_marked_fraud',
          'user_denied',
          'deny_*push',
          'user_mistake',
          'user mistake',
          'user_cancelled',
          'user cancelled',
          'anomalous_push',
        ],
      },
      action: 'mfa_denied:failure',
    },
    {
      if: { reason: ['no_response', 'no response', 'no_keys_pressed', 'no keys pressed', 'call_timed_out', 'call timed out'] },
      action: 'mfa_timeout:failure',
    },
    { if: { reason: ['locked_out', 'locked out'] }, action: 'login_lock:failure' },
    // They were let in without being asked.
    {
      if: {
        result: 'success',
        reason: [
          'bypass_user',
          'bypass user',
          'allow_unenrolled_user*',
          'allowed_by_policy',
          'trusted_network',
          'trusted network',
          'trusted_location',
        ],
      },
      action: 'authn:success',
      set: { 'gatewatch.auth.mfa': false },
    },
  ],
};

/** Duo's log of what administrators did, and of calls and texts sent (https://duo.com/docs/adminapi#administrator-logs). */
export const duoAdmin: RecordShape = {
  name: 'duo-admin',
  marks: ['isotimestamp', 'host', 'telephony_id', 'activity_id'],
  find: (tree) => adminOf(tree) ?? activityOf(tree) ?? telephonyOf(tree),
  module: 'cisco_duo',
  dataset: 'cisco_duo.admin',
  time: ['isotimestamp', 'ts', 'timestamp'],
  id: ['activity_id', 'telephony_id'],
  none: ['n/a', 'none', 'null'],
  fields: {
    'event.code': ['action.name', 'action', 'context'],
    'event.reason': ['details.error', 'description.error'],
    'source.ip': ['details.ip_address', 'access_device.ip.address', 'access_device.ip'],
    'user.id': ['actor.key'],
    'user.name': ['username', 'actor.name'],
    'user.email': ['details.email', 'actor.details.email'],
    'user.target.name': ['object', 'target.name'],
    'user.target.id': 'target.key',
    'gatewatch.auth.factor': ['details.factor', 'type'],
    'gatewatch.auth.device': 'phone',
  },
  words: { 'gatewatch.auth.method': { from: ['details.factor', 'type'], of: methods } },
  outcome: { from: ['details.error', 'description.error'], failure: ['*'] },
  actions: {
    from: ['action.name', 'action', 'context'],
    of: {
      admin_login: 'login:success',
      admin_login_error: 'login:failure',
      admin_login_success: 'login:success',
      admin_login_failure: 'login:failure',
      admin_factor_restrictions: 'config',
      admin_reset_password: 'password_reset',
      admin_self_activate: 'user_create',
      admin_create: 'user_create',
      admin_delete: 'user_delete',
      admin_update: 'user_update',
      admin_lockout: 'login_lock:failure',
      admin_lockout_clear: 'user_update',
      admin_2fa_error: 'mfa:failure',
      admin_send_reset_password_email: 'password_reset',
      user_create: 'user_create',
      user_adminapi_create: 'user_create',
      user_delete: 'user_delete',
      user_pending_delete: 'user_delete',
      user_lockout_cleared: 'user_update',
      'user_*': 'user_update',
      bypass_create: 'token',
      bypass_delete: 'token_revoke',
      bypass_view: 'authz_admin',
      phone_create: 'mfa_enrol',
      phone_associate: 'mfa_enrol',
      phone_delete: 'mfa_remove',
      phone_disassociate: 'mfa_remove',
      'u2ftoken_*': 'mfa_enrol',
      u2ftoken_delete: 'mfa_remove',
      hardtoken_create: 'mfa_enrol',
      hardtoken_delete: 'mfa_remove',
      'webauthncredential_create*': 'mfa_enrol',
      'webauthncredential_delete*': 'mfa_remove',
      group_create: 'iam',
      'group_*': 'group',
      'admin_role_*': 'privileges',
      'role_*': 'privileges',
      authentication: 'authn:success',
      enrollment: 'authn:success',
      verify: 'authn:success',
      administrator: 'authn:success',
    },
    otherwise: 'config',
  },
  when: [
    { if: { action: '*_error' }, set: { 'event.outcome': 'failure' } },
    { if: { action: { exists: true }, 'details.error': null }, set: { 'event.outcome': 'success' } },
    { if: { 'action.name': { exists: true } }, set: { 'event.outcome': 'success' } },
    { if: { telephony_id: { exists: true } }, set: { 'event.outcome': 'success' } },
  ],
};

function adminOf(tree: JsonObject): JsonObject | undefined {
  const { action, description } = tree;
  if (typeof action !== 'string' || !('username' in tree) || !('description' in tree) || !('isotimestamp' in tree || 'timestamp' in tree))
    return undefined;
  return /^[a-z0-9]+_[a-z0-9_]+$|^[a-z]+$/.test(action) && 'object' in tree
    ? { ...tree, details: recordIn(description) ?? null }
    : undefined;
}

function activityOf(tree: JsonObject): JsonObject | undefined {
  return typeof tree['activity_id'] === 'string' && isObject(tree['action']) && 'ts' in tree ? tree : undefined;
}

function telephonyOf(tree: JsonObject): JsonObject | undefined {
  const { context } = tree;
  if (typeof context !== 'string' || !('credits' in tree)) return undefined;
  return 'phone' in tree && ('telephony_id' in tree || 'isotimestamp' in tree) ? tree : undefined;
}
