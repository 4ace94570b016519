import type { Consequence, RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

const loginStatus = ['LOGIN_STATUS', 'Status'];

/** What a status of a login says beside success: in event log files a code, elsewhere words. */
const loginVerdicts = loginStatus.flatMap((place): Consequence[] => [
  { if: { [place]: ['LOGIN_NO_ERROR', 'Success'] }, action: 'login:success' },
  { if: { [place]: ['*LOCKOUT*', '*locked*'] }, action: 'login_lock:failure' },
  {
    if: { [place]: ['LOGIN_CHALLENGE*', '*TWOFACTOR_REQ*', '*TOTP_REQUIRED*', '*CHALLENGE_PENDING*', '*Required*Identity Verification*'] },
    action: 'authn:failure',
  },
  { if: { [place]: ['*TWOFACTOR*', '*TOTP*', '*MFA*', '*Two-factor*', '*Verification Code*'] }, action: 'mfa:failure' },
  { if: { [place]: ['*RESTRICTED*', '*Restricted*', '*DENIED*'] }, action: 'login_refused:failure' },
  { if: { [place]: { exists: true }, EVENT_TYPE: 'Login' }, action: 'login:failure' },
]);

/** Rows of Salesforce's event log files, as JSON (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_eventlogfile_login.htm). */
export const salesforce: RecordShape = {
  name: 'salesforce',
  marks: ['TIMESTAMP_DERIVED'],
  find: (tree) => (typeof tree['EVENT_TYPE'] === 'string' && 'ORGANIZATION_ID' in tree ? tree : undefined),
  module: 'salesforce',
  dataset: 'salesforce.event_log',
  timeZone: 'UTC',
  time: 'TIMESTAMP_DERIVED',
  fields: {
    'event.code': 'EVENT_TYPE',
    'event.reason': 'LOGIN_STATUS',
    'source.ip': ['CLIENT_IP', 'SOURCE_IP'],
    'user.name': 'USER_NAME',
    'user.id': ['USER_ID_DERIVED', 'USER_ID'],
    'user.target.id': ['DELEGATED_USER_ID_DERIVED', 'DELEGATED_USER_ID'],
    'user.target.name': 'DELEGATED_USER_NAME',
    'user.roles': 'USER_TYPE',
    'organization.id': 'ORGANIZATION_ID',
    'http.request.id': 'REQUEST_ID',
    'http.request.method': ['HTTP_METHOD', 'METHOD'],
    'http.response.status_code': 'STATUS_CODE',
    'url.original': ['URI', 'URL'],
    'user_agent.original': ['BROWSER_TYPE', 'USER_AGENT'],
    'tls.version': 'TLS_PROTOCOL',
    'tls.cipher': 'CIPHER_SUITE',
    '@millis': 'RUN_TIME',
  },
  words: {
    'gatewatch.auth.method': {
      from: ['LOGIN_TYPE', 'AUTHENTICATION_METHOD_REFERENCE', 'API_TYPE'],
      of: {
        '*SAML*': 'sso',
        '*OpenID*': 'sso',
        '*OAuth*': 'token',
        a: 'password',
        Application: 'password',
        '*mfa*': 'otp',
        '*pwd*': 'password',
      },
    },
    'gatewatch.auth.mfa': { from: 'AUTHENTICATION_METHOD_REFERENCE', of: { '*mfa*': true, '*otp*': true, '*hwk*': true } },
  },
  outcome: {
    from: ['LOGIN_STATUS', 'REQUEST_STATUS', 'SUCCESS', 'STATUS'],
    success: ['LOGIN_NO_ERROR', 'Success', 'S', '1'],
    failure: ['F', 'N', 'A', 'U', '0'],
  },
  actions: {
    from: 'EVENT_TYPE',
    of: { Login: 'login', LoginAs: 'privileges', Logout: 'logout:success', InsecureExternalAssets: 'threat' },
  },
  access: true,
  when: [
    ...loginVerdicts,
    {
      if: { EVENT_TYPE: ['Apex*', 'ExternalCustomApexCallout', 'ExternalODataCallout', 'ExternalCrossOrgCallout'] },
      set: { 'event.category': ['network', 'web'], 'event.type': ['connection'] },
    },
  ],
};

const objects = [
  'LoginHistory',
  'LoginEvent',
  'LoginAsEvent',
  'LogoutEvent',
  'SetupAuditTrail',
  'CredentialStuffingEvent*',
  'SessionHijackingEvent*',
  'PermissionSetEvent*',
  'ApiAnomalyEvent*',
  'ReportAnomalyEvent*',
  'IdentityVerificationEvent',
];

/** Salesforce's objects and real-time events of logins, sessions and setup, as its API answers. */
export const salesforceEvent: RecordShape = {
  name: 'salesforce-event',
  marks: ['attributes'],
  find: (tree) => {
    const { attributes } = tree;
    const type = isObject(attributes) ? attributes['type'] : undefined;
    return typeof type === 'string' && objects.some((name) => (name.endsWith('*') ? type.startsWith(name.slice(0, -1)) : type === name))
      ? tree
      : undefined;
  },
  module: 'salesforce',
  dataset: 'salesforce.event',
  timeZone: 'UTC',
  time: ['EventDate', 'LoginTime', 'CreatedDate'],
  id: ['EventIdentifier', 'Id'],
  fields: {
    'event.code': ['Action', 'attributes.type'],
    'event.reason': ['Status', 'Display', 'SecurityEventData'],
    'source.ip': ['SourceIp', 'ClientIp'],
    'user.id': ['UserId', 'CreatedById'],
    'user.name': ['Username', 'CreatedBy.Username', 'CreatedBy.Name'],
    'user.target.name': ['TargetUsername', 'DelegateUser', 'DelegatedUsername'],
    'user_agent.original': ['UserAgent', 'Browser'],
    'user_agent.os.name': 'Platform',
    'service.name': 'Application',
    'tls.version': 'TlsProtocol',
    'tls.cipher': 'CipherSuite',
    'gatewatch.resource': 'LoginUrl',
  },
  words: {
    'gatewatch.auth.method': {
      from: ['LoginType', 'AuthMethodReference'],
      of: { '*SAML*': 'sso', '*OpenID*': 'sso', '*OAuth*': 'token', Application: 'password', '*API*': 'token' },
    },
    'gatewatch.auth.mfa': { from: 'AuthMethodReference', of: { '*mfa*': true } },
  },
  actions: {
    from: ['Action', 'attributes.type'],
    of: {
      LoginHistory: 'login',
      LoginEvent: 'login',
      LogoutEvent: 'logout:success',
      LoginAsEvent: 'privileges:success',
      'CredentialStuffingEvent*': 'threat',
      'SessionHijackingEvent*': 'threat',
      'ApiAnomalyEvent*': 'threat',
      'ReportAnomalyEvent*': 'threat',
      'PermissionSetEvent*': 'privileges:success',
      IdentityVerificationEvent: 'mfa',
      'createdNewUser*': 'user_create:success',
      'createduser*': 'user_create:success',
      'deactivateduser*': 'user_archive:success',
      'activateduser*': 'user_update:success',
      'frozeuser*': 'user_archive:success',
      resetpassword: 'password_reset:success',
      changedpassword: 'password:success',
      'PermSet*': 'privileges:success',
      'perm*': 'privileges:success',
      'changedprofileforuser*': 'privileges:success',
      'changedroleforuser*': 'privileges:success',
      'groupMembership*': 'group:success',
      'suOrgAdminLogin*': 'privileges:success',
      'su*': 'privileges:success',
      'loggedinas*': 'privileges:success',
    },
    otherwise: 'config:success',
  },
  when: [
    { if: { Status: ['Success', 'Succeeded', 'AutomatedSuccess'], 'attributes.type': 'IdentityVerificationEvent' }, action: 'mfa:success' },
    { if: { Status: ['Denied', 'ReportedDenied'], 'attributes.type': 'IdentityVerificationEvent' }, action: 'mfa_denied:failure' },
    { if: { Status: { exists: true }, 'attributes.type': 'IdentityVerificationEvent' }, action: 'mfa:failure' },
    ...loginVerdicts,
    { if: { Status: { exists: true }, 'attributes.type': ['LoginHistory', 'LoginEvent'] }, action: 'login:failure' },
  ],
};
