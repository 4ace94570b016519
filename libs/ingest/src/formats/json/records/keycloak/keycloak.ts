import type { JsonObject } from '#ecs';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

const pair = /([\w.-]{1,64})=(?:"((?:[^"\\]|\\.)*)"|([^,\s]*))/g;

/** The pairs of a server log's event: `type="LOGIN_ERROR", realmId="…", ipAddress="…", username="…"`. */
export function keycloakPairs(text: string): JsonObject | undefined {
  if (!/^(?:type|operationType)=/.test(text)) return undefined;
  const record: JsonObject = {};
  for (const [, name, quoted, bare] of text.slice(0, 16_384).matchAll(pair)) {
    const value = quoted ?? bare ?? '';
    // Keycloak writes what it does not know as "null". The first of a name counts: what a client wrote (user name, redirect) stands behind what the server knows.
    if (name !== '__proto__' && value !== 'null' && !Object.hasOwn(record, name!)) record[name!] = value;
  }
  return record;
}

function find(tree: JsonObject): JsonObject | undefined {
  const { message, msg } = tree;
  const text = typeof message === 'string' ? message : typeof msg === 'string' ? msg : undefined;
  const logged = tree['loggerName'] === 'org.keycloak.events' && text !== undefined ? keycloakPairs(text) : undefined;
  if (logged) return { ...logged, timestamp: tree['timestamp'] ?? tree['@timestamp'] ?? tree['time'] ?? null };
  const user = typeof tree['type'] === 'string' && 'realmId' in tree && /^[A-Z][A-Z0-9_]+$/.test(tree['type']);
  const admin =
    typeof tree['operationType'] === 'string' &&
    ('resourceType' in tree || isObject(tree['authDetails'])) &&
    ('realmId' in tree || 'authDetails' in tree);
  return user || admin ? tree : undefined;
}

/** Keycloak's user and admin events, of an event listener or of the server's JSON log (https://www.keycloak.org/docs/latest/server_admin/#auditing-user-events). */
export const keycloak: RecordShape = {
  name: 'keycloak',
  marks: ['realmId', 'operationType', 'loggerName'],
  find,
  module: 'keycloak',
  dataset: 'keycloak.event',
  time: ['time', '@timestamp', 'timestamp'],
  id: ['id', 'eventId'],
  fields: {
    'event.code': ['type', 'operationType'],
    'event.reason': ['error', 'details.reason', 'reason'],
    'source.ip': ['ipAddress', 'authDetails.ipAddress', 'authIpAddress'],
    'user.id': ['userId', 'authDetails.userId', 'authUserId'],
    'user.name': ['details.username', 'username', 'authDetails.username'],
    'user.email': ['details.email', 'details.updated_email'],
    'user_agent.original': ['details.user_agent', 'userAgent', 'details.userAgent'],
    'organization.name': ['realmName', 'realmId', 'authDetails.realmName', 'authDetails.realmId', 'authRealmId'],
    'service.name': ['clientId', 'authDetails.clientId', 'authClientId'],
    'gatewatch.auth.method': ['details.auth_method', 'auth_method'],
    'gatewatch.resource': ['resourcePath'],
  },
  outcome: { from: ['error', 'details.error'], failure: ['*'] },
  actions: {
    from: ['type', 'operationType'],
    of: {
      LOGIN: 'login:success',
      LOGIN_ERROR: 'login:failure',
      IDENTITY_PROVIDER_LOGIN: 'login:success',
      IDENTITY_PROVIDER_LOGIN_ERROR: 'login:failure',
      CLIENT_LOGIN: 'token:success',
      CLIENT_LOGIN_ERROR: 'token:failure',
      LOGOUT: 'logout:success',
      LOGOUT_ERROR: 'logout:failure',
      REGISTER: 'user_create:success',
      REGISTER_ERROR: 'user_create:failure',
      CODE_TO_TOKEN: 'token:success',
      CODE_TO_TOKEN_ERROR: 'token:failure',
      REFRESH_TOKEN: 'token:success',
      REFRESH_TOKEN_ERROR: 'token:failure',
      TOKEN_EXCHANGE: 'token:success',
      TOKEN_EXCHANGE_ERROR: 'token:failure',
      REVOKE_GRANT: 'token_revoke:success',
      UPDATE_PASSWORD: 'password:success',
      UPDATE_PASSWORD_ERROR: 'password:failure',
      RESET_PASSWORD: 'authn:success',
      RESET_PASSWORD_ERROR: 'authn:failure',
      UPDATE_TOTP: 'mfa_enrol:success',
      UPDATE_TOTP_ERROR: 'mfa_enrol:failure',
      REMOVE_TOTP: 'mfa_remove:success',
      REMOVE_CREDENTIAL: 'mfa_remove:success',
      UPDATE_CREDENTIAL: 'user_update:success',
      UPDATE_PROFILE: 'user_update:success',
      UPDATE_EMAIL: 'user_update:success',
      DELETE_ACCOUNT: 'user_delete:success',
      USER_DISABLED_BY_TEMPORARY_LOCKOUT: 'login_lock:failure',
      USER_DISABLED_BY_PERMANENT_LOCKOUT: 'login_lock:failure',
      IMPERSONATE: 'privileges:success',
      PERMISSION_TOKEN_ERROR: 'authz:failure',
      CREATE: 'iam:success',
      UPDATE: 'iam:success',
      DELETE: 'iam:success',
      ACTION: 'iam:success',
    },
    otherwise: 'authn',
  },
  when: [
    { if: { operationType: 'CREATE', resourceType: 'USER', error: null }, action: 'user_create:success' },
    { if: { operationType: 'DELETE', resourceType: 'USER', error: null }, action: 'user_delete:success' },
    { if: { operationType: 'UPDATE', resourceType: 'USER', error: null }, action: 'user_update:success' },
    { if: { resourceType: ['*ROLE_MAPPING', 'GROUP_MEMBERSHIP'], error: null }, action: 'privileges:success' },
    { if: { error: 'user_temporarily_disabled', type: 'LOGIN_ERROR' }, set: { 'event.reason': 'user_temporarily_disabled' } },
    { if: { type: ['LOGIN', 'LOGOUT', 'CODE_TO_TOKEN', 'REFRESH_TOKEN'], error: null }, set: { 'event.outcome': 'success' } },
    { if: { type: '*_ERROR' }, set: { 'event.outcome': 'failure' } },
    { if: { error: null }, set: { 'event.outcome': 'success' } },
  ],
};
