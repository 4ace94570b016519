import type { JsonObject } from '#ecs';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

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
    'event.reason': 'event.parameters[name=login_failure_type].value',
    'source.ip': 'ipAddress',
    'user.id': 'actor.profileId',
    'user.name': ['actor.email', 'actor.key'],
    'user.email': 'actor.email',
    'user.target.email': 'event.parameters[name=USER_EMAIL].value',
    'user.target.name': 'event.parameters[name=USER_EMAIL].value',
    'group.name': 'event.parameters[name=GROUP_EMAIL].value',
    'organization.id': 'id.customerId',
    'gatewatch.login.type': 'event.parameters[name=login_type].value',
    'gatewatch.suspicious': 'event.parameters[name=is_suspicious].boolValue',
    'user.roles': 'event.parameters[name=ROLE_NAME].value',
  },
  actions: {
    from: 'event.name',
    of: {
      login_success: 'login:success',
      login_failure: 'login:failure',
      login_verification: 'mfa',
      login_challenge: 'mfa',
      logout: 'logout:success',
      risky_sensitive_action_allowed: 'threat:success',
      risky_sensitive_action_blocked: 'threat:failure',
      'suspicious_login*': 'threat',
      suspicious_programmatic_login: 'threat',
      'account_disabled_*': 'user_archive:success',
      gov_attack_warning: 'threat',
      password_edit: 'password:success',
      CHANGE_PASSWORD: 'password:success',
      CHANGE_PASSWORD_ON_NEXT_LOGIN: 'user_update:success',
      '2sv_enroll': 'mfa_enrol:success',
      '2sv_disable': 'mfa_remove:success',
      TURN_OFF_2_STEP_VERIFICATION: 'mfa_remove:success',
      recovery_email_edit: 'user_update:success',
      recovery_phone_edit: 'user_update:success',
      recovery_secret_qa_edit: 'user_update:success',
      titanium_enroll: 'user_update:success',
      titanium_unenroll: 'user_update:success',
      CREATE_USER: 'user_create:success',
      DELETE_USER: 'user_delete:success',
      SUSPEND_USER: 'user_archive:success',
      ARCHIVE_USER: 'user_archive:success',
      ASSIGN_ROLE: 'privileges:success',
      UNASSIGN_ROLE: 'privileges:success',
      GRANT_ADMIN_PRIVILEGE: 'privileges:success',
      GRANT_DELEGATED_ADMIN_PRIVILEGES: 'privileges:success',
      REVOKE_ADMIN_PRIVILEGE: 'privileges:success',
      ADD_PRIVILEGE: 'privileges:success',
      REMOVE_PRIVILEGE: 'privileges:success',
      ADD_GROUP_MEMBER: 'group:success',
      REMOVE_GROUP_MEMBER: 'group:success',
      authorize: 'token:success',
      revoke: 'token_revoke:success',
      request: 'token:success',
    },
    otherwise: 'iam',
  },
  when: [
    {
      if: { 'event.name': 'login_challenge', 'event.parameters[name=login_challenge_status].value': 'Challenge Passed' },
      set: { 'event.outcome': 'success' },
    },
    {
      if: {
        'event.name': 'login_challenge',
        'event.parameters[name=login_challenge_status].value': ['Challenge Failed', 'Incorrect Answer*'],
      },
      set: { 'event.outcome': 'failure' },
    },
    {
      if: { 'event.name': 'login_verification', 'event.parameters[name=login_challenge_status].value': 'passed' },
      set: { 'event.outcome': 'success' },
    },
  ],
};
