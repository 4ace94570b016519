import type { RecordShape } from '../record-map.js';
import { oktaDeeds } from './okta-deeds.js';
import { isObject } from '../value-path.js';

/** Okta's System Log (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/). */
export const okta: RecordShape = {
  name: 'okta',
  marks: ['published'],
  find: (tree) =>
    typeof tree['eventType'] === 'string' && typeof tree['published'] === 'string' && (isObject(tree['actor']) || isObject(tree['outcome']))
      ? tree
      : undefined,
  module: 'okta',
  dataset: 'okta.system',
  time: 'published',
  id: 'uuid',
  // A user name that Okta does not know comes with an actor whose id and display name are `unknown`.
  none: ['unknown', 'null'],
  fields: {
    'event.code': 'eventType',
    'event.reason': ['outcome.reason', 'debugContext.debugData.behaviors'],
    'event.provider': 'authenticationContext.authenticationProvider',
    'source.ip': ['client.ipAddress', 'request.ipChain.0.ip'],
    'source.as.number': 'securityContext.asNumber',
    'source.as.organization.name': 'securityContext.asOrg',
    'source.domain': 'securityContext.domain',
    'user_agent.original': 'client.userAgent.rawUserAgent',
    'user.id': 'actor.id',
    'user.name': ['actor.alternateId', 'actor.displayName'],
    'user.full_name': 'actor.displayName',
    'user.target.id': ['target[type=User].id', 'target[type=AppUser].id'],
    'user.target.name': ['target[type=User].alternateId', 'target[type=AppUser].alternateId'],
    'user.target.full_name': ['target[type=User].displayName', 'target[type=AppUser].displayName'],
    'group.id': 'target[type=UserGroup].id',
    'group.name': 'target[type=UserGroup].displayName',
    'service.name': ['target[type=AppInstance].displayName', 'target[type=PublicClientApp].displayName'],
    'http.request.id': 'debugContext.debugData.requestId',
    'url.path': ['debugContext.debugData.requestUri', 'debugContext.debugData.url'],
    'trace.id': 'transaction.id',
    'log.level': 'severity',
    'gatewatch.suspicious': 'debugContext.debugData.threatSuspected',
    'gatewatch.auth.factor': ['debugContext.debugData.factor', 'authenticationContext.credentialType'],
    message: 'displayMessage',
  },
  words: {
    'gatewatch.risk.level': {
      from: ['debugContext.debugData.risk', 'debugContext.debugData.riskLevel', 'debugContext.debugData.logOnlySecurityData'],
      of: { '*level=HIGH*': 'high', '*level=MEDIUM*': 'medium', '*level=LOW*': 'low', HIGH: 'high', MEDIUM: 'medium', LOW: 'low' },
    },
    'gatewatch.auth.method': {
      from: [
        'debugContext.debugData.authMethodFirstType',
        'debugContext.debugData.factor',
        'authenticationContext.credentialType',
        'authenticationContext.authenticationProvider',
        'eventType',
      ],
      of: {
        '*PUSH*': 'push',
        '*FIDO*': 'webauthn',
        '*WEBAUTHN*': 'webauthn',
        '*U2F*': 'webauthn',
        SIGNED_NONCE: 'webauthn',
        '*TOTP*': 'otp',
        '*TOKEN:SOFTWARE*': 'otp',
        '*TOKEN:HARDWARE*': 'otp',
        '*OTP*': 'otp',
        RSA: 'otp',
        '*SMS*': 'sms',
        '*CALL*': 'phone',
        '*EMAIL*': 'email',
        '*QUESTION*': 'question',
        '*PASSWORD*': 'password',
        '*CERTIFICATE*': 'mtls',
        '*SMART_CARD*': 'mtls',
        ASSERTION: 'sso',
        FEDERATION: 'sso',
        SOCIAL: 'sso',
        IWA: 'sso',
        'user.authentication.auth_via_IDP': 'sso',
        'user.authentication.auth_via_inbound*': 'sso',
        'user.authentication.auth_via_social': 'sso',
        'user.authentication.auth_via_iwa': 'sso',
        OAUTH2: 'token',
        JWT: 'token',
        OKTA_CLIENT_SESSION: 'session',
        DEVICE_UDID: 'device',
        ACTIVE_DIRECTORY: 'password',
        LDAP: 'password',
      },
    },
  },
  outcome: {
    from: 'outcome.result',
    success: ['SUCCESS', 'ALLOW'],
    failure: ['FAILURE', 'DENY', 'ABANDONED', 'UNANSWERED', 'RATE_LIMIT'],
  },
  actions: { from: 'eventType', of: oktaDeeds, otherwise: 'iam' },
  when: [
    // A push is asked for and answered in separate records; only the answer decides.
    { if: { eventType: 'user.authentication.auth_via_mfa', 'outcome.result': ['CHALLENGE', 'SKIPPED'] }, action: 'authn' },
    { if: { eventType: 'user.authentication.auth_via_mfa', 'outcome.result': 'UNANSWERED' }, action: 'mfa_timeout:failure' },
    { if: { eventType: 'user.authentication.auth_via_mfa', 'outcome.reason': ['*reject*', '*denied*'] }, action: 'mfa_denied:failure' },
    { if: { eventType: 'user.session.start', 'outcome.reason': 'LOCKED_OUT' }, set: { 'event.reason': 'locked_out' } },
    {
      if: { eventType: ['user.account.lock', 'user.account.lock.limit', 'user.account.unlock_failure'] },
      set: { 'event.outcome': 'failure' },
    },
    {
      if: { 'debugContext.debugData.authMethodSecondType': { exists: true }, 'outcome.result': ['SUCCESS', 'ALLOW'] },
      set: { 'gatewatch.auth.mfa': true },
    },
  ],
};
