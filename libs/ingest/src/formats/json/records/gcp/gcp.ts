import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

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
    'event.reason': 'protoPayload.status.message',
    'source.ip': 'protoPayload.requestMetadata.callerIp',
    'user_agent.original': 'protoPayload.requestMetadata.callerSuppliedUserAgent',
    'user.email': 'protoPayload.authenticationInfo.principalEmail',
    'user.name': 'protoPayload.authenticationInfo.principalEmail',
    'user.id': ['protoPayload.authenticationInfo.principalSubject'],
    'service.name': 'protoPayload.serviceName',
    'gatewatch.resource': 'protoPayload.resourceName',
    'cloud.project.id': 'resource.labels.project_id',
    'log.level': 'severity',
  },
  constants: entry,
  actions: {
    from: 'protoPayload.methodName',
    of: {
      SetIamPolicy: 'privileges',
      'google.iam.admin.v1.CreateServiceAccount': 'user_create',
      'google.iam.admin.v1.DeleteServiceAccount': 'user_delete',
      'google.iam.admin.v1.CreateServiceAccountKey': 'token',
      GenerateAccessToken: 'token',
      'google.login.LoginService.loginSuccess': 'login:success',
      'google.login.LoginService.loginFailure': 'login:failure',
      'google.login.LoginService.logout': 'logout:success',
      'google.login.LoginService.2svDisable': 'mfa_remove:success',
    },
    otherwise: 'config',
  },
  when: [
    { if: { 'protoPayload.status.code': [7, 16] }, action: 'authz:failure' },
    { if: { 'protoPayload.authorizationInfo.0.granted': false }, action: 'authz:failure' },
    { if: { 'protoPayload.status.code': { gt: 0 } }, set: { 'event.outcome': 'failure' } },
    { if: { 'protoPayload.methodName': { exists: true } }, set: { 'event.outcome': 'success' } },
  ],
};
