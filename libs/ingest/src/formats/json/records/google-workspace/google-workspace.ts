import type { JsonObject } from '#ecs';
import { AUTH_MFA, OUTCOME } from '../../../../slots.js';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';
import { googleDeeds } from './google-deeds.js';

const second = ['login_challenge', 'login_verification'];
const factors = [
  'google_prompt',
  'google_authenticator',
  'backup_code',
  'offline_otp',
  'internal_two_factor',
  'idv_preregistered_phone',
  'idv_any_phone',
  'security_key',
  'security_key_otp',
  'passkey',
];

/** The first event of an activity beside what all share. The reports API lists events; collectors split them into an object each. */
function find(tree: JsonObject): JsonObject | undefined {
  const { events, id } = tree;
  if (!isObject(id) || typeof id['applicationName'] !== 'string') return undefined;
  const first = Array.isArray(events) ? events[0] : events;
  return isObject(first) ? { ...tree, event: first } : undefined;
}

/** Activities of Google Workspace: login, admin, token, user accounts (https://developers.google.com/workspace/admin/reports/v1/appendix/activity/login). */
export const googleWorkspace: RecordShape = {
  name: 'google-workspace',
  marks: ['events'],
  find,
  module: 'google_workspace',
  dataset: 'google_workspace.activity',
  time: 'id.time',
  fields: {
    'event.code': 'event.name',
    'event.provider': 'id.applicationName',
    'event.reason': ['event.parameters[name=login_failure_type].value', 'event.parameters[name=login_challenge_status].value'],
    'source.ip': ['ipAddress', 'networkInfo.ipAddress'],
    'source.as.number': 'networkInfo.ipAsn.0',
    'user_agent.original': ['event.parameters[name=USER_AGENT].value', 'event.parameters[name=user_agent].value'],
    'user.id': 'actor.profileId',
    'user.name': ['actor.email', 'actor.key', 'event.parameters[name=affected_email_address].value'],
    'user.email': 'actor.email',
    'user.target.email': [
      'event.parameters[name=USER_EMAIL].value',
      'event.parameters[name=affected_email_address].value',
      'event.parameters[name=user_email].value',
    ],
    'user.target.name': [
      'event.parameters[name=USER_EMAIL].value',
      'event.parameters[name=affected_email_address].value',
      'event.parameters[name=user_email].value',
    ],
    'user.target.roles': 'event.parameters[name=ROLE_NAME].value',
    'group.name': ['event.parameters[name=GROUP_EMAIL].value', 'event.parameters[name=group_email].value'],
    'url.original': 'event.parameters[name=WEB_ADDRESS].value',
    'organization.id': 'id.customerId',
    'service.name': [
      'event.parameters[name=app_name].value',
      'event.parameters[name=application_name].value',
      'event.parameters[name=APPLICATION_NAME].value',
    ],
    'gatewatch.client.id': 'event.parameters[name=client_id].value',
    'gatewatch.login.type': 'event.parameters[name=login_type].value',
    'gatewatch.auth.factor': [
      'event.parameters[name=login_challenge_method].value',
      'event.parameters[name=login_challenge_method].multiValue.0',
    ],
    'gatewatch.suspicious': 'event.parameters[name=is_suspicious].boolValue',
    'gatewatch.resource': ['event.parameters[name=SETTING_NAME].value', 'event.parameters[name=doc_id].value'],
  },
  words: {
    'gatewatch.auth.mfa': {
      from: [
        'event.parameters[name=is_second_factor].boolValue',
        'event.parameters[name=login_challenge_method].multiValue',
        'event.parameters[name=login_challenge_method].value',
      ],
      of: { true: true, ...Object.fromEntries(factors.map((factor) => [factor, true])), password: false, none: false },
    },
    'gatewatch.auth.method': {
      from: [
        'event.parameters[name=login_challenge_method].value',
        'event.parameters[name=login_challenge_method].multiValue',
        'event.parameters[name=login_type].value',
      ],
      of: {
        google_prompt: 'push',
        '*authenticator': 'otp',
        '*otp': 'otp',
        backup_code: 'otp',
        offline_otp: 'otp',
        idv_preregistered_phone: 'sms',
        idv_any_phone: 'sms',
        '*security_key*': 'webauthn',
        passkey: 'webauthn',
        '*password': 'password',
        saml: 'sso',
        exchange: 'token',
        reauth: 'session',
      },
    },
  },
  actions: { from: 'event.name', of: googleDeeds, otherwise: 'iam' },
  when: [
    { if: { 'event.name': second, 'event.parameters[name=login_challenge_status].value': ['*Passed*'] }, action: 'mfa:success' },
    {
      if: {
        'event.name': second,
        'event.parameters[name=login_challenge_status].value': ['*Failed*', '*Incorrect*', '*Wrong*', '*Denied*', '*Timed out*'],
      },
      action: 'mfa:failure',
    },
    {
      if: { 'event.name': 'login_success', 'event.parameters[name=is_suspicious].boolValue': true },
      set: { 'event.reason': 'suspicious' },
    },
    // What administrators did is written when it is done.
    { if: { 'id.applicationName': ['admin', 'groups', 'groups_enterprise', 'user_accounts'] }, set: { 'event.outcome': 'success' } },
  ],
  // A factor that was refused proves nothing.
  finish: ({ values }) => {
    if (values[OUTCOME] === 'failure') values[AUTH_MFA] = undefined;
  },
};
