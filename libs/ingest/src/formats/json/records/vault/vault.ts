import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** HashiCorp Vault's audit device, whose secrets are hashed already (https://developer.hashicorp.com/vault/docs/audit). */
export const vault: RecordShape = {
  name: 'vault',
  marks: ['request'],
  find: (tree) => {
    const { request, type } = tree;
    return (type === 'request' || type === 'response') && isObject(request) && typeof request['operation'] === 'string' && 'path' in request
      ? tree
      : undefined;
  },
  module: 'hashicorp_vault',
  dataset: 'hashicorp_vault.audit',
  time: 'time',
  fields: {
    'event.code': 'request.operation',
    'event.action': 'request.operation',
    'event.reason': 'error',
    'source.ip': 'request.remote_address',
    'source.port': 'request.remote_port',
    'user.id': ['auth.entity_id', 'response.auth.entity_id'],
    'user.name': ['auth.metadata.username', 'response.auth.metadata.username', 'auth.display_name', 'response.auth.display_name'],
    'user.roles': ['auth.policies', 'response.auth.policies'],
    'organization.id': 'request.namespace.id',
    'http.request.id': 'request.id',
    'gatewatch.resource': 'request.path',
    'gatewatch.token.id': 'auth.accessor',
  },
  words: {
    'gatewatch.auth.method': {
      from: 'request.path',
      of: {
        '*userpass/login/*': 'password',
        '*ldap/login/*': 'password',
        'auth/approle/login': 'token',
        'auth/kubernetes/login': 'token',
        'auth/oidc/*': 'sso',
        'auth/jwt/login': 'token',
        'auth/cert/login': 'mtls',
      },
    },
  },
  constants: { 'event.category': ['authentication'], 'event.type': ['info'] },
  when: [
    { if: { error: ['*permission denied*', '*403*'] }, action: 'authz:failure', set: { 'event.category': ['iam', 'authentication'] } },
    { if: { error: { exists: true }, 'request.path': ['*/login', '*/login/*', '*/callback'] }, action: 'login:failure' },
    {
      if: { type: 'response', error: null, 'request.path': 'auth/*', 'response.auth.client_token': { exists: true } },
      action: 'login:success',
    },
    { if: { type: 'response', error: null, 'request.path': ['auth/token/create*'] }, action: 'token:success' },
    { if: { type: 'response', error: null, 'request.path': ['auth/token/revoke*', 'sys/leases/revoke*'] }, action: 'token_revoke:success' },
    { if: { type: 'response', error: null, 'request.operation': 'delete', 'request.path': 'sys/audit/*' }, action: 'monitor_off:success' },
    {
      if: {
        type: 'response',
        error: null,
        'request.operation': ['create', 'update', 'delete'],
        'request.path': ['sys/policy*', 'sys/policies/*', 'identity/*'],
      },
      action: 'privileges:success',
    },
    { if: { error: { exists: true } }, set: { 'event.outcome': 'failure' } },
    { if: { type: 'response', error: null }, set: { 'event.outcome': 'success' } },
  ],
};
