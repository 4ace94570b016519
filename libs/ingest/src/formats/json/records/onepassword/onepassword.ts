import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** Sign-in attempts of 1Password's Events API (https://developer.1password.com/docs/events-api/reference/). */
export const onepasswordSignin: RecordShape = {
  name: 'onepassword-signin',
  marks: ['target_user'],
  find: (tree) => (isObject(tree['target_user']) && typeof tree['category'] === 'string' && 'timestamp' in tree ? tree : undefined),
  module: '1password',
  dataset: '1password.signin_attempts',
  time: 'timestamp',
  id: 'uuid',
  fields: {
    'event.code': 'type',
    'event.reason': 'type',
    'source.ip': 'client.ip_address',
    'source.geo.country_iso_code': 'country',
    'user.name': 'target_user.name',
    'user.id': 'target_user.uuid',
    'user.email': 'target_user.email',
    'user_agent.os.name': 'client.os_name',
    'user_agent.os.version': 'client.os_version',
    'service.name': 'client.app_name',
  },
  outcome: {
    from: 'category',
    success: ['success', 'firewall_reported_success'],
    failure: ['credentials_failed', 'mfa_failed', 'modern_version_failed', 'sso_failed', 'firewall_failed'],
  },
  actions: {
    from: 'category',
    of: { mfa_failed: 'mfa:failure', success: 'login:success', firewall_reported_success: 'login:success' },
    otherwise: 'login:failure',
  },
};

/** Audit events of 1Password's Events API. */
export const onepassword: RecordShape = {
  name: 'onepassword',
  marks: ['actor_uuid'],
  find: (tree) => (typeof tree['action'] === 'string' && typeof tree['object_type'] === 'string' && 'timestamp' in tree ? tree : undefined),
  module: '1password',
  dataset: '1password.audit_events',
  time: 'timestamp',
  id: 'uuid',
  fields: {
    'event.code': 'action',
    'source.ip': 'session.ip',
    'source.geo.country_name': 'location.country',
    'source.geo.city_name': 'location.city',
    'user.name': 'actor_details.name',
    'user.id': 'actor_uuid',
    'user.email': 'actor_details.email',
    'user.target.name': 'object_details.name',
    'user.target.email': 'object_details.email',
    'gatewatch.resource': 'object_uuid',
  },
  actions: {
    from: ['object_type', 'action'],
    of: {
      user: 'iam:success',
      gm: 'group:success',
      gva: 'privileges:success',
      uva: 'privileges:success',
      mfa: 'mfa_enrol:success',
      sso: 'config:success',
      satoken: 'token:success',
    },
    otherwise: 'config:success',
  },
};
