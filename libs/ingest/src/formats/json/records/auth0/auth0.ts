import type { JsonObject } from '#ecs';
import type { DeedText } from '../deeds.js';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';
import { auth0Deeds } from './auth0-deeds.js';

/** What calls of the Management API did, by their description. */
const sapi: readonly (readonly [string | readonly string[], DeedText])[] = [
  [['Create a user', 'Create a User', 'Create user*'], 'user_create:success'],
  [['Delete a user', 'Delete a User'], 'user_delete:success'],
  [['Update a user', 'Update a User'], 'user_update:success'],
  [
    [
      'Assign roles to a user',
      '*roles*user*',
      'Assign users to a role',
      'Assign permissions*',
      'Remove permissions*',
      '*permissions*user*',
    ],
    'privileges:success',
  ],
  [
    [
      'Delete a user*multi*factor*',
      'Delete*enrollment*',
      'Delete*authentication method*',
      'Reset*MFA*',
      'Invalidate*multifactor*',
      "Delete a User's Multi-factor Provider",
    ],
    'mfa_remove:success',
  ],
  [['Create a password change ticket*'], 'password_reset:success'],
  [['Revoke refresh*', 'Delete a refresh token', 'Delete refresh token*', 'Revoke*grant*', 'Blacklist a token'], 'token_revoke:success'],
  [['Delete a log stream', 'Delete log stream*'], 'monitor_off:success'],
  [
    [
      '*Attack Protection*',
      '*Anomaly*',
      'Update Suspicious IP*',
      'Update Brute-force*',
      'Update Breached Password*',
      '*connection*',
      '*a client*',
      '*tenant settings*',
      '*a rule*',
      '*an action*',
    ],
    'config:success',
  ],
];

/** Auth0's tenant logs, alone or as a log stream wraps them (https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes). */
export const auth0: RecordShape = {
  name: 'auth0',
  marks: ['log_id', '_id', 'detail'],
  find: (tree) => {
    const { data } = isObject(tree['detail']) ? tree['detail'] : tree;
    const log: JsonObject = isObject(data) && typeof data['type'] === 'string' ? data : tree;
    const known = 'client_id' in log || 'connection' in log || 'ip' in log || 'description' in log || 'tenant_name' in log;
    return known && typeof log['type'] === 'string' && log['type'].length <= 64 && 'date' in log && !('@timestamp' in log)
      ? log
      : undefined;
  },
  module: 'auth0',
  dataset: 'auth0.logs',
  time: 'date',
  id: ['log_id', '_id'],
  fields: {
    'event.code': 'type',
    'event.reason': ['details.error.message', 'details.error.reason', 'details.error', 'description'],
    'source.ip': ['ip', 'client_ip'],
    'user_agent.original': 'user_agent',
    'user.id': ['user_id', 'details.request.auth.user.user_id', 'details.user_id'],
    'user.name': [
      'user_name',
      'details.request.auth.user.name',
      'details.request.auth.user.email',
      'details.email',
      'details.username',
      'details.to',
    ],
    'user.email': ['details.request.auth.user.email', 'details.email', 'details.request.body.email'],
    'user.target.id': ['details.response.body.user_id'],
    'user.target.email': ['details.response.body.email'],
    'organization.id': 'organization_id',
    'organization.name': 'organization_name',
    'url.domain': 'hostname',
    'url.path': 'details.request.path',
    'http.request.method': 'details.request.method',
    'http.response.status_code': 'details.response.statusCode',
    'service.name': 'client_name',
    'gatewatch.client.id': 'client_id',
    message: 'description',
  },
  words: {
    'gatewatch.auth.method': {
      from: ['type', 'strategy', 'strategy_type', 'connection'],
      of: {
        'gd_send_pn*': 'push',
        gd_auth_rejected: 'push',
        'gd_send_sms*': 'sms',
        'gd_send_voice*': 'phone',
        'gd_send_email*': 'email',
        '*webauthn*': 'webauthn',
        'passkey*': 'webauthn',
        sms: 'sms',
        email: 'email',
        auth0: 'password',
        database: 'password',
        'Username-Password-Authentication': 'password',
        seccft: 'token',
        feccft: 'token',
        sercft: 'token',
        fercft: 'token',
        sertft: 'token',
        fertft: 'token',
        enterprise: 'sso',
        social: 'sso',
        samlp: 'sso',
        waad: 'sso',
        adfs: 'sso',
        oidc: 'sso',
        'google-*': 'sso',
        passwordless: 'email',
      },
    },
  },
  actions: { from: 'type', of: auth0Deeds, otherwise: 'other' },
  when: [
    // The prompts that a login went through tell whether a second factor was among them.
    { if: { type: 's', 'details.prompts[name=mfa].completedAt': { exists: true } }, set: { 'gatewatch.auth.mfa': true } },
    { if: { type: 's', 'details.prompts.1.name': ['mfa*', 'guardian*'] }, set: { 'gatewatch.auth.mfa': true } },
    { if: { type: 's', 'details.prompts.2.name': ['mfa*', 'guardian*'] }, set: { 'gatewatch.auth.mfa': true } },
    ...sapi.map(([description, action]) => ({ if: { type: 'sapi', description }, action })),
  ],
};
