import type { FieldName, FieldValue } from '#ecs';
import type { Provider } from '../derived/provider.js';
import type { LogEvent } from '../log-event.js';
import {
  API_KEY_ID,
  AUTH_METHOD,
  AUTH_MFA,
  EMAIL,
  IP,
  PRINCIPAL,
  REASON,
  ROLES,
  SESSION_ID,
  STATUS,
  TENANT,
  TOKEN_ID,
  USER,
  USER_ID,
} from '../slots.js';
import { findCredentials, type Credentials } from './find-credentials.js';
import { readJwt, type Claims } from './jwt.js';
import type { KeyedHash } from './keyed-hash.js';

const credentialFields: readonly FieldName[] = [
  'gatewatch.token.id',
  'gatewatch.session.id',
  'gatewatch.api_key.id',
  'gatewatch.auth.method',
  'gatewatch.auth.mfa',
  'organization.id',
  'user.id',
  'user.name',
  'user.email',
  'user.roles',
  'event.reason',
];

/** Who called, by what the log tells of credentials; secrets leave as keyed hashes only. */
export function whoProviders(hash: KeyedHash): readonly Provider[] {
  const read = (event: LogEvent): void => readCredentials(event, hash);
  return [
    { fields: credentialFields, sparse: true, fill: read },
    {
      fields: ['gatewatch.principal'],
      fill(event) {
        const { values } = event;
        if (values[USER_ID] === undefined && values[USER] === undefined) read(event);
        values[PRINCIPAL] = values[USER_ID] ?? values[USER] ?? credentialOf(values) ?? values[IP];
      },
    },
  ];
}

/** A credential that the server refused proves nobody: whoever guesses keys would be somebody else with each guess. */
function credentialOf(values: readonly FieldValue[]): FieldValue {
  return isRefused(values) ? undefined : (values[API_KEY_ID] ?? values[TOKEN_ID] ?? values[SESSION_ID]);
}

function isRefused(values: readonly FieldValue[]): boolean {
  const status = values[STATUS];
  return status === 401 || status === 403;
}

function readCredentials(event: LogEvent, hash: KeyedHash): void {
  if (event.headers === undefined && event.target === undefined && event.record === undefined) return;
  if (event.whoRead) return;
  event.whoRead = true;
  const found = findCredentials(event);
  const { values } = event;
  if (found.token !== undefined) values[TOKEN_ID] ??= hash('token', found.token);
  if (found.session !== undefined) values[SESSION_ID] ??= hash('session', found.session);
  if (found.api_key !== undefined) values[API_KEY_ID] ??= hash('api_key', found.api_key);
  const method = methodOf(found);
  if (method !== undefined) values[AUTH_METHOD] ??= method;
  if (isRefused(values)) return;
  if (found.basicUser !== undefined && values[USER_ID] === undefined) values[USER] ??= found.basicUser;
  const claims = found.token === undefined ? undefined : readJwt(found.token);
  if (claims) takeClaims(event, claims);
}

function methodOf({ scheme, token, api_key: apiKey, session }: Credentials): string | undefined {
  if (scheme === 'basic' || scheme === 'digest') return 'password';
  if (scheme === 'negotiate' || scheme === 'ntlm') return 'sso';
  if (scheme?.startsWith('aws4-') === true) return 'signature';
  if (token !== undefined) return 'token';
  return apiKey !== undefined ? 'api_key' : session === undefined ? undefined : 'session';
}

/** Claims of a token that the server took. What the log itself says stays. */
function takeClaims(event: LogEvent, claims: Claims): void {
  const { values } = event;
  const { tenant, roles, mfa, expires, unsigned } = claims;
  takeUser(values, claims);
  if (tenant !== undefined) values[TENANT] ??= tenant;
  if (roles !== undefined) values[ROLES] ??= roles;
  if (mfa !== undefined) values[AUTH_MFA] ??= mfa;
  if (unsigned) values[REASON] ??= 'token_unsigned';
  else if (expires !== undefined && event.time > expires + tolerance) values[REASON] ??= 'token_expired';
}

/** Name and address are taken only where the log names nobody, or the one whom the token names. */
function takeUser(values: FieldValue[], { subject, name, email }: Claims): void {
  if (values[USER] !== undefined) return;
  if (subject !== undefined) values[USER_ID] ??= subject;
  if (subject !== undefined && values[USER_ID] !== subject) return;
  if (name !== undefined) values[USER] = name;
  if (email !== undefined) values[EMAIL] ??= email;
}

/** Servers forgive clocks as much. */
const tolerance = 300_000;
