import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

const request = {
  'source.ip': 'ClientIP',
  'source.port': 'ClientSrcPort',
  'source.as.number': 'ClientASN',
  'source.geo.country_iso_code': 'ClientCountry',
  'http.request.method': 'ClientRequestMethod',
  'url.original': ['ClientRequestURI', 'ClientRequestPath'],
  'url.query': 'ClientRequestQuery',
  '@host': 'ClientRequestHost',
  'url.scheme': 'ClientRequestScheme',
  'http.version': 'ClientRequestProtocol',
  'http.request.referrer': 'ClientRequestReferer',
  'user_agent.original': 'ClientRequestUserAgent',
  'http.response.status_code': ['EdgeResponseStatus', 'OriginResponseStatus'],
  'http.request.id': 'RayID',
} as const;

/** Requests that Cloudflare's Logpush or Logpull writes (https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/http_requests/). */
export const cloudflare: RecordShape = {
  name: 'cloudflare',
  marks: ['EdgeStartTimestamp', 'EdgeResponseStatus'],
  find: (tree) => ('ClientIP' in tree && !('Action' in tree && 'Datetime' in tree) ? tree : undefined),
  module: 'cloudflare',
  dataset: 'cloudflare.http',
  time: ['EdgeStartTimestamp', 'EdgeEndTimestamp'],
  fields: {
    ...request,
    'http.request.bytes': 'ClientRequestBytes',
    'http.response.bytes': 'EdgeResponseBytes',
    'http.response.body.bytes': 'EdgeResponseBodyBytes',
    'http.response.mime_type': 'EdgeResponseContentType',
    'gatewatch.upstream.status_code': 'OriginResponseStatus',
    'gatewatch.upstream.address': 'OriginIP',
    'tls.version': 'ClientSSLProtocol',
    'tls.cipher': 'ClientSSLCipher',
    'event.reason': ['SecurityAction', 'WAFAction'],
    '@millis': 'EdgeTimeToFirstByteMs',
  },
  constants: { 'cloud.provider': 'cloudflare' },
  access: true,
};

/** What Cloudflare's firewall decided. */
export const cloudflareFirewall: RecordShape = {
  name: 'cloudflare-firewall',
  marks: ['Datetime'],
  find: (tree) => ('ClientIP' in tree && typeof tree['Action'] === 'string' ? tree : undefined),
  module: 'cloudflare',
  dataset: 'cloudflare.firewall',
  time: 'Datetime',
  fields: {
    ...request,
    'event.action': 'Action',
    'event.code': ['RuleID', 'Source'],
    'event.provider': 'Source',
    'event.reason': ['Description', 'Source'],
    'rule.id': 'RuleID',
    'rule.description': 'Description',
  },
  constants: { 'event.category': ['web', 'intrusion_detection'], 'event.type': ['info'] },
  when: [
    { if: { Source: 'ratelimit', Action: 'block' }, set: { 'event.action': 'excess_rate_limit_exceeded' } },
    { if: { Action: ['block', 'drop', 'connectionclose', '*challenge'] }, set: { 'event.outcome': 'failure', 'event.type': ['denied'] } },
    {
      if: { Action: ['allow', 'skip', 'bypass', 'log', '*solved', '*bypassed'] },
      set: { 'event.outcome': 'success', 'event.type': ['allowed'] },
    },
  ],
};

/** Cloudflare's audit log of accounts. */
export const cloudflareAudit: RecordShape = {
  name: 'cloudflare-audit',
  marks: ['when', 'ActorEmail', 'ActionType'],
  find: (tree) =>
    (isObject(tree['action']) && isObject(tree['actor']) && 'when' in tree) || ('ActionType' in tree && 'When' in tree) ? tree : undefined,
  module: 'cloudflare',
  dataset: 'cloudflare.audit',
  time: ['when', 'When'],
  id: ['id', 'ID'],
  fields: {
    'event.code': ['action.type', 'ActionType'],
    'source.ip': ['actor.ip', 'ActorIP'],
    'user.id': ['actor.id', 'ActorID'],
    'user.name': ['actor.email', 'ActorEmail'],
    'user.email': ['actor.email', 'ActorEmail'],
    'event.provider': ['interface', 'Interface'],
    'gatewatch.resource': ['resource.type', 'ResourceType'],
  },
  outcome: { from: ['action.result', 'ActionResult'], success: [true, 'true', 'success'], failure: [false, 'false', 'failure'] },
  actions: {
    from: ['action.type', 'ActionType'],
    of: {
      login: 'login',
      logout: 'logout',
      token_create: 'token',
      token_revoke: 'token_revoke',
      API_key_view: 'token',
      '2fa_enabled': 'mfa_enrol',
      '2fa_disabled': 'mfa_remove',
      password_change: 'password',
    },
    otherwise: 'config',
  },
};

/** Logins to applications behind Cloudflare Access (https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/access_requests/). */
export const cloudflareAccess: RecordShape = {
  name: 'cloudflare-access',
  marks: ['AppUUID', 'AppDomain'],
  find: (tree) => ('Allowed' in tree && 'CreatedAt' in tree ? tree : undefined),
  module: 'cloudflare',
  dataset: 'cloudflare.access',
  time: 'CreatedAt',
  fields: {
    'event.code': 'Action',
    'event.provider': 'Connection',
    'event.reason': 'PurposeJustificationResponse',
    'source.ip': 'IPAddress',
    'source.geo.country_iso_code': 'Country',
    'user.id': 'UserUID',
    'user.name': 'Email',
    'user.email': 'Email',
    'http.request.id': 'RayID',
    'gatewatch.resource': 'AppDomain',
  },
  outcome: { from: 'Allowed', success: [true, 'true'], failure: [false, 'false'] },
  actions: { from: 'Action', of: { login: 'login', logout: 'logout' }, otherwise: 'authn' },
  // Who is known and may not enter has given the right credentials.
  when: [{ if: { Action: 'login', Allowed: [false, 'false'], Email: { exists: true } }, action: 'login_refused' }],
};
