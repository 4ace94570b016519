import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';
import { gcpDeeds } from './gcp-deeds.js';

const challenges = ['google.login.LoginService.loginChallenge', 'google.login.LoginService.loginVerification'];
const challenge = 'protoPayload.metadata.event.0.parameter[name=login_challenge_status].value';
const entry = { 'cloud.provider': 'gcp' };

/** Requests in Cloud Logging: load balancers, Cloud Run, App Engine, Apigee hybrid's ingress (https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest). */
export const gcpRequest: RecordShape = {
  name: 'gcp-request',
  marks: ['httpRequest'],
  find: (tree) =>
    isObject(tree['httpRequest']) && ('requestMethod' in tree['httpRequest'] || 'requestUrl' in tree['httpRequest']) ? tree : undefined,
  module: 'gcp',
  dataset: 'gcp.request',
  time: ['timestamp', 'time', 'receiveTimestamp'],
  id: 'insertId',
  fields: {
    'source.ip': ['httpRequest.remoteIp', 'jsonPayload.remoteIp'],
    'http.request.method': 'httpRequest.requestMethod',
    'url.original': 'httpRequest.requestUrl',
    'http.response.status_code': 'httpRequest.status',
    'http.request.bytes': 'httpRequest.requestSize',
    'http.response.bytes': 'httpRequest.responseSize',
    'user_agent.original': 'httpRequest.userAgent',
    'http.request.referrer': 'httpRequest.referer',
    'http.version': 'httpRequest.protocol',
    '@seconds': 'httpRequest.latency',
    'gatewatch.upstream.address': 'httpRequest.serverIp',
    'event.reason': ['jsonPayload.statusDetails', 'jsonPayload.enforcedSecurityPolicy.outcome'],
    'rule.name': 'jsonPayload.enforcedSecurityPolicy.name',
    'service.name': ['resource.labels.service_name', 'resource.labels.backend_service_name', 'resource.labels.url_map_name'],
    'cloud.project.id': 'resource.labels.project_id',
    'trace.id': 'trace',
    'log.level': 'severity',
  },
  constants: entry,
  access: true,
};

/** Cloud Audit Logs (https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog). */
export const gcpAudit: RecordShape = {
  name: 'gcp-audit',
  marks: ['protoPayload'],
  find: (tree) => (isObject(tree['protoPayload']) && 'methodName' in tree['protoPayload'] ? tree : undefined),
  module: 'gcp',
  dataset: 'gcp.audit',
  time: ['timestamp', 'receiveTimestamp'],
  id: 'insertId',
  fields: {
    'event.code': 'protoPayload.methodName',
    'event.provider': 'protoPayload.serviceName',
    'event.reason': [
      'protoPayload.status.message',
      'protoPayload.metadata.event.0.parameter[name=login_failure_type].value',
      'protoPayload.metadata.event.0.parameter[name=login_challenge_status].value',
    ],
    'source.ip': 'protoPayload.requestMetadata.callerIp',
    'user_agent.original': 'protoPayload.requestMetadata.callerSuppliedUserAgent',
    'user.email': 'protoPayload.authenticationInfo.principalEmail',
    'user.name': ['protoPayload.authenticationInfo.principalEmail', 'protoPayload.authenticationInfo.authoritySelector'],
    'user.id': ['protoPayload.authenticationInfo.principalSubject'],
    'user.target.name': [
      'protoPayload.request.member',
      'protoPayload.serviceData.policyDelta.bindingDeltas.0.member',
      'protoPayload.request.account_id',
      'protoPayload.metadata.event.0.parameter[name=USER_EMAIL].value',
      'protoPayload.metadata.event.0.parameter[name=affected_email_address].value',
    ],
    'user.target.roles': ['protoPayload.serviceData.policyDelta.bindingDeltas.0.role', 'protoPayload.request.role'],
    'service.name': 'protoPayload.serviceName',
    'gatewatch.resource': 'protoPayload.resourceName',
    'gatewatch.identity.key': 'protoPayload.authenticationInfo.serviceAccountKeyName',
    'gatewatch.auth.factor': 'protoPayload.metadata.event.0.parameter[name=login_challenge_method].value',
    'cloud.project.id': 'resource.labels.project_id',
    'log.level': 'severity',
  },
  words: {
    'gatewatch.auth.method': {
      from: ['protoPayload.metadata.event.0.parameter[name=login_type].value', 'protoPayload.authenticationInfo.serviceAccountKeyName'],
      of: { '*password': 'password', saml: 'sso', reauth: 'session', '*serviceAccounts*': 'key' },
    },
  },
  constants: entry,
  actions: {
    from: 'protoPayload.methodName',
    of: gcpDeeds,
    otherwise: 'config',
  },
  when: [
    { if: { 'protoPayload.methodName': challenges, [challenge]: ['*Passed*'] }, action: 'mfa:success' },
    {
      if: { 'protoPayload.methodName': challenges, [challenge]: ['*Failed*', '*Incorrect*', '*Wrong*', '*Denied*'] },
      action: 'mfa:failure',
    },
    { if: { 'protoPayload.status.code': [7, 16] }, action: 'authz:failure' },
    { if: { 'protoPayload.authorizationInfo.0.granted': false }, action: 'authz:failure' },
    { if: { 'protoPayload.status.code': { gt: 0 } }, set: { 'event.outcome': 'failure' } },
    // Rights were looked for, and the record does not say whether they were there.
    {
      if: {
        'protoPayload.authorizationInfo.0': { exists: true },
        'protoPayload.authorizationInfo.0.granted': null,
        'protoPayload.status.code': null,
      },
      set: { 'event.outcome': 'unknown' },
    },
    { if: { 'protoPayload.methodName': { exists: true } }, set: { 'event.outcome': 'success' } },
  ],
};
