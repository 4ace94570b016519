import { put, type JsonObject } from '#ecs';
import { recordIn } from '../embedded-json.js';
import type { Consequence, RecordShape } from '../record-map.js';
import { firstValue, isObject, valuePath } from '../value-path.js';
import { adminDeeds, keycloakDeeds } from './keycloak-deeds.js';

const pair = /([\w.-]{1,64})=(?:"((?:[^"\\]|\\.)*)"|([^,\s]*))/g;

/** The pairs of a server log's event: `type="LOGIN_ERROR", realmId="…", ipAddress="…", username="…"`. */
export function keycloakPairs(text: string): JsonObject | undefined {
  if (!/^(?:type|operationType)=/.test(text)) return undefined;
  const record: JsonObject = {};
  for (const [, name, quoted, bare] of text.slice(0, 16_384).matchAll(pair)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '';
    // Keycloak writes what it does not know as "null". The first of a name counts: what a client wrote (user name, redirect) stands behind what the server knows.
    if (name !== '__proto__' && value !== 'null' && !Object.hasOwn(record, name!)) record[name!] = value;
  }
  return record;
}

/** Loggers of the events: Quarkus' own name, and the short one of some console formats. */
const loggers = new Set(['org.keycloak.events', 'org.key.events']);
const loggerPlaces = ['loggerName', 'log.logger', 'logger_name', 'logger'].map(valuePath);

function find(tree: JsonObject): JsonObject | undefined {
  const { message, msg } = tree;
  const text = typeof message === 'string' ? message : typeof msg === 'string' ? msg : undefined;
  const logger = text === undefined ? undefined : firstValue(tree, loggerPlaces);
  const logged = typeof logger === 'string' && loggers.has(logger) ? keycloakPairs(text!) : undefined;
  if (logged) return { ...logged, timestamp: tree['timestamp'] ?? tree['@timestamp'] ?? tree['time'] ?? null };
  const user = typeof tree['type'] === 'string' && 'realmId' in tree && /^[A-Z][A-Z0-9_]+$/.test(tree['type']);
  const admin =
    typeof tree['operationType'] === 'string' &&
    ('resourceType' in tree || isObject(tree['authDetails'])) &&
    ('realmId' in tree || 'authDetails' in tree);
  return user || admin ? tree : undefined;
}

/** Errors of a login that nobody tried a password for: a stale page, a client that asks wrongly. */
const noTry = [
  'cookie_not_found',
  'expired_code',
  'invalid_code',
  'code_not_found',
  'already_logged_in',
  'session_expired',
  'authentication_expired',
  'client_not_found',
  'client_disabled',
  'invalid_client',
  'invalid_redirect_uri',
  'invalid_request',
  'invalid_client_credentials',
  'ssl_required',
  'temporarily_unavailable',
  'resolve_required_actions',
  'slow_down',
];
const credential = ['details.credential_type', 'credential_type'];
const second = ['otp', 'totp', 'hotp', 'webauthn', 'recovery-authn-codes'];

/** Keycloak's user and admin events, of an event listener or of the server's JSON log (https://www.keycloak.org/docs/latest/server_admin/#auditing-user-events). */
export const keycloak: RecordShape = {
  name: 'keycloak',
  marks: ['realmId', 'operationType', 'loggerName', 'logger_name', 'log.logger', 'logger', 'log'],
  find,
  module: 'keycloak',
  dataset: 'keycloak.event',
  time: ['time', '@timestamp', 'timestamp'],
  id: ['id', 'eventId'],
  none: ['null', 'unknown'],
  fields: {
    'event.code': ['type', 'operationType'],
    'event.reason': ['error', 'details.error', 'details.reason', 'reason'],
    'source.ip': ['ipAddress', 'authDetails.ipAddress', 'authIpAddress'],
    'user.id': ['userId', 'authDetails.userId', 'authUserId'],
    'user.name': [
      'details.username',
      'username',
      'authDetails.username',
      'details.identity_provider_identity',
      'identity_provider_identity',
    ],
    'user.email': ['details.email', 'details.updated_email', 'email'],
    'user.target.id': ['details.impersonated_user_id'],
    'user_agent.original': ['details.user_agent', 'userAgent', 'details.userAgent'],
    'organization.name': ['realmName', 'realmId', 'authDetails.realmName', 'authDetails.realmId', 'authRealmId'],
    'service.name': ['clientId', 'authDetails.clientId', 'authClientId'],
    'gatewatch.auth.method': ['details.auth_method', 'auth_method'],
    'gatewatch.auth.factor': credential,
    'gatewatch.resource': ['resourcePath'],
  },
  words: {
    'gatewatch.auth.method': {
      from: [...credential, 'details.grant_type', 'grant_type', 'type'],
      of: {
        password: 'password',
        otp: 'otp',
        totp: 'otp',
        hotp: 'otp',
        'recovery-authn-codes': 'otp',
        'webauthn*': 'webauthn',
        kerberos: 'sso',
        client_credentials: 'token',
        refresh_token: 'token',
        'IDENTITY_PROVIDER_*': 'sso',
      },
    },
  },
  outcome: { from: ['error', 'details.error'], failure: ['*'] },
  actions: { from: ['type', 'operationType'], of: keycloakDeeds, otherwise: 'authn' },
  when: [
    { if: { 'details.identity_provider': { exists: true } }, set: { 'gatewatch.auth.method': 'sso' } },
    { if: { identity_provider: { exists: true } }, set: { 'gatewatch.auth.method': 'sso' } },
    { if: { type: 'LOGIN_ERROR', error: noTry }, action: 'authn:failure' },
    {
      if: { type: ['LOGIN_ERROR', 'LOGIN'], error: ['user_temporarily_disabled', 'user_disabled*lockout*'] },
      action: 'login_lock:failure',
    },
    ...credential.flatMap((place): Consequence[] => [
      { if: { type: 'LOGIN_ERROR', [place]: second }, action: 'mfa:failure' },
      { if: { type: 'LOGIN', [place]: ['otp', 'totp', 'hotp', 'recovery-authn-codes'], error: null }, set: { 'gatewatch.auth.mfa': true } },
      { if: { type: 'UPDATE_CREDENTIAL', [place]: 'password' }, action: 'password:success' },
      { if: { type: 'UPDATE_CREDENTIAL_ERROR', [place]: 'password' }, action: 'password:failure' },
      { if: { type: 'UPDATE_CREDENTIAL', [place]: { exists: true } }, action: 'mfa_enrol:success' },
      { if: { type: 'UPDATE_CREDENTIAL_ERROR', [place]: { exists: true } }, action: 'mfa_enrol:failure' },
    ]),
    ...adminDeeds.map(([operationType, resourceType, more, action]): Consequence => ({
      if: { operationType, resourceType, ...more, error: null },
      action,
    })),
    {
      if: { error: ['user_not_allowed', 'not_allowed', 'access_denied', 'forbidden'], operationType: { exists: true } },
      action: 'authz:failure',
    },
    { if: { type: '*_ERROR' }, set: { 'event.outcome': 'failure' } },
    { if: { error: null, 'details.error': null }, set: { 'event.outcome': 'success' } },
  ],
  finish: (event, record) => {
    const path = record['resourcePath'];
    const user = typeof path === 'string' && path.length < 512 ? /^(?:.*\/)?users\/([^/]{1,128})(?:\/|$)/.exec(path)?.[1] : undefined;
    const whole = recordIn(record['representation']);
    if (user === undefined && record['resourceType'] !== 'USER') return;
    event.extra ??= {};
    if (user !== undefined) put(event.extra, 'user.target.id', user);
    const name = whole?.['username'];
    if (record['resourceType'] === 'USER' && typeof name === 'string' && name.length < 256) put(event.extra, 'user.target.name', name);
  },
};
