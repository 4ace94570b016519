import type { JsonObject } from '#ecs';
import { recordIn } from '../embedded-json.js';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** A diagnostic record of a category, its properties spelled out where Azure wrote them as text. */
function diagnostic(tree: JsonObject, ...categories: string[]): JsonObject | undefined {
  const { category } = tree;
  if (typeof category !== 'string' || !categories.includes(category)) return undefined;
  const properties = recordIn(tree['properties']);
  if (!properties) return undefined;
  return properties === tree['properties'] ? tree : { ...tree, properties };
}

const constants = { 'cloud.provider': 'azure' };
const time = ['time', 'timeStamp', 'properties.createdDateTime', 'createdDateTime', 'properties.activityDateTime', 'activityDateTime'];

/** Entra ID's sign-ins, as a diagnostic setting writes them or as Microsoft Graph answers (https://learn.microsoft.com/entra/identity/monitoring-health/reference-azure-monitor-sign-ins-log-schema). */
export const entra: RecordShape = {
  name: 'entra',
  marks: ['category', 'createdDateTime'],
  find: (tree) =>
    diagnostic(
      tree,
      'SignInLogs',
      'NonInteractiveUserSignInLogs',
      'ServicePrincipalSignInLogs',
      'ManagedIdentitySignInLogs',
      'ADFSSignInLogs',
    ) ??
    (tree['category'] === undefined && 'createdDateTime' in tree && 'appId' in tree && isObject(tree['status'])
      ? { properties: tree }
      : undefined),
  module: 'azure',
  dataset: 'azure.signinlogs',
  time,
  id: ['properties.id'],
  fields: {
    'event.code': ['resultType', 'properties.status.errorCode'],
    'event.reason': ['resultDescription', 'properties.status.failureReason'],
    'event.provider': 'category',
    '@millis': 'durationMs',
    'source.ip': ['properties.ipAddress', 'callerIpAddress'],
    'source.geo.country_iso_code': 'properties.location.countryOrRegion',
    'source.geo.city_name': 'properties.location.city',
    'source.as.number': 'properties.autonomousSystemNumber',
    'user_agent.original': 'properties.userAgent',
    'user.id': ['properties.userId', 'properties.servicePrincipalId'],
    'user.name': ['properties.userPrincipalName', 'properties.servicePrincipalName', 'properties.userDisplayName', 'identity'],
    'user.full_name': 'properties.userDisplayName',
    'service.name': ['properties.appDisplayName', 'properties.resourceDisplayName'],
    'http.request.id': ['correlationId', 'properties.correlationId'],
    'gatewatch.client.id': 'properties.appId',
    'gatewatch.risk.level': ['properties.riskLevelDuringSignIn', 'properties.riskLevelAggregated'],
    'gatewatch.conditional_access': 'properties.conditionalAccessStatus',
    'gatewatch.client.app': 'properties.clientAppUsed',
  },
  constants,
  outcome: { from: ['resultType', 'properties.status.errorCode'], success: [0, '0'] },
  when: [
    // Codes that interrupt a sign-in and say nothing of its end: a second factor, a consent, a "stay signed in?" page.
    { if: { resultType: ['50072', '50074', '50076', '50079', '50125', '50127', '50140', '65001', '81010', '16000'] }, action: 'authn' },
    { if: { 'properties.status.errorCode': [50072, 50074, 50076, 50079, 50125, 50127, 50140, 65001, 81010, 16000] }, action: 'authn' },
    { if: { resultType: ['50053'] }, action: 'login_lock:failure' },
    { if: { 'properties.status.errorCode': [50053] }, action: 'login_lock:failure' },
    { if: { resultType: ['500121', '50088'] }, action: 'mfa:failure' },
    { if: { 'properties.status.errorCode': [500121, 50088] }, action: 'mfa:failure' },
    { if: { category: ['NonInteractiveUserSignInLogs', 'ServicePrincipalSignInLogs', 'ManagedIdentitySignInLogs'] }, action: 'token' },
    { if: { properties: null }, action: 'login' },
  ],
  actions: { from: ['operationName', 'properties.appId'], of: { '*': 'login' }, otherwise: 'login' },
};

/** Entra ID's directory audit. */
export const entraAudit: RecordShape = {
  name: 'entra-audit',
  marks: ['category', 'activityDisplayName'],
  find: (tree) =>
    diagnostic(tree, 'AuditLogs') ??
    (typeof tree['activityDisplayName'] === 'string' && 'initiatedBy' in tree ? { properties: tree } : undefined),
  module: 'azure',
  dataset: 'azure.auditlogs',
  time: ['time', 'properties.activityDateTime'],
  id: 'properties.id',
  fields: {
    'event.code': ['properties.activityDisplayName', 'operationName'],
    'event.reason': ['properties.resultReason', 'resultDescription'],
    'event.provider': 'properties.loggedByService',
    'source.ip': ['properties.initiatedBy.user.ipAddress', 'callerIpAddress'],
    'user.id': ['properties.initiatedBy.user.id', 'properties.initiatedBy.app.servicePrincipalId'],
    'user.name': ['properties.initiatedBy.user.userPrincipalName', 'properties.initiatedBy.app.displayName', 'identity'],
    'user.target.id': 'properties.targetResources[type=User].id',
    'user.target.name': 'properties.targetResources[type=User].userPrincipalName',
    'group.name': 'properties.targetResources[type=Group].displayName',
    'http.request.id': ['correlationId', 'properties.correlationId'],
  },
  constants,
  outcome: {
    from: ['properties.result', 'resultSignature', 'result'],
    success: ['success'],
    failure: ['failure', 'timeout', 'clientError'],
  },
  actions: {
    from: ['properties.activityDisplayName', 'operationName'],
    of: {
      'Add user': 'user_create',
      'Invite external user': 'user_create',
      'Delete user': 'user_delete',
      'Hard Delete user': 'user_delete',
      'Disable account': 'user_archive',
      'Update user': 'user_update',
      'Enable account': 'user_update',
      'Change user password': 'password',
      'Change password (self-service)': 'password',
      'Reset user password': 'password',
      'Reset password*': 'password',
      'User registered security info': 'mfa_enrol',
      'User registered all required security info': 'mfa_enrol',
      'User deleted security info': 'mfa_remove',
      'Admin deleted security info': 'mfa_remove',
      'Disable Strong Authentication': 'mfa_remove',
      'Add member to role*': 'privileges',
      'Add eligible member to role*': 'privileges',
      'Remove member from role*': 'privileges',
      'Add member to group': 'group',
      'Remove member from group': 'group',
      'Add app role assignment*': 'privileges',
      'Consent to application': 'privileges',
      'Add service principal credentials': 'token',
      'Update conditional access policy': 'config',
      'Delete conditional access policy': 'config',
    },
    otherwise: 'iam',
  },
};

/** Access of Application Gateway, Front Door, App Service and API Management. */
export const azureAccess: RecordShape = {
  name: 'azure-access',
  marks: ['category'],
  find: (tree) =>
    diagnostic(
      tree,
      'ApplicationGatewayAccessLog',
      'FrontDoorAccessLog',
      'FrontdoorAccessLog',
      'AppServiceHTTPLogs',
      'GatewayLogs',
      'AzureCdnAccessLog',
    ),
  module: 'azure',
  dataset: 'azure.access',
  time: ['timeStamp', 'time', 'properties.timeStamp', 'properties.createdDateTime'],
  fields: {
    'event.provider': 'category',
    'event.reason': ['properties.lastErrorReason', 'properties.lastError.reason', 'properties.errorInfo'],
    'source.ip': ['properties.clientIP', 'properties.clientIp', 'properties.CIp', 'callerIpAddress'],
    'source.port': ['properties.clientPort'],
    'http.request.method': ['properties.httpMethod', 'properties.method', 'properties.CsMethod'],
    'url.original': ['properties.url', 'properties.originalRequestUriWithArgs', 'properties.requestUri', 'properties.CsUriStem'],
    'url.query': ['properties.requestQuery', 'properties.CsUriQuery'],
    '@host': ['properties.originalHost', 'properties.host', 'properties.hostName', 'properties.CsHost'],
    'http.version': ['properties.httpVersion', 'properties.clientProtocol'],
    'http.response.status_code': ['properties.httpStatus', 'properties.httpStatusCode', 'properties.responseCode', 'properties.ScStatus'],
    'gatewatch.upstream.status_code': ['properties.backendResponseCode', 'properties.serverStatus'],
    'gatewatch.upstream.address': ['properties.serverRouted', 'properties.originIp'],
    'http.response.bytes': ['properties.sentBytes', 'properties.responseSize', 'properties.responseBytes', 'properties.ScBytes'],
    'http.request.bytes': ['properties.receivedBytes', 'properties.requestSize', 'properties.requestBytes', 'properties.CsBytes'],
    '@seconds': 'properties.timeTaken',
    '@millis': ['durationMs', 'DurationMs', 'properties.TimeTaken'],
    'user_agent.original': ['properties.userAgent', 'properties.UserAgent'],
    'http.request.referrer': ['properties.referer', 'properties.referrer', 'properties.Referer'],
    'user.name': ['properties.CsUsername', 'properties.apimSubscriptionId'],
    'http.request.id': ['properties.transactionId', 'properties.trackingReference', 'correlationId'],
    'tls.version': ['properties.sslProtocol', 'properties.clientTlsVersion', 'properties.securityProtocol'],
    'tls.cipher': ['properties.sslCipher', 'properties.securityCipher'],
    'service.name': ['properties.apiId', 'properties.listenerName'],
  },
  constants,
  access: true,
};

/** What a web application firewall of Azure decided. */
export const azureWaf: RecordShape = {
  name: 'azure-waf',
  marks: ['category'],
  find: (tree) =>
    diagnostic(tree, 'ApplicationGatewayFirewallLog', 'FrontDoorWebApplicationFirewallLog', 'FrontdoorWebApplicationFirewallLog'),
  module: 'azure',
  dataset: 'azure.waf',
  time: ['timeStamp', 'time'],
  fields: {
    'event.code': ['properties.ruleId', 'properties.ruleName'],
    'event.reason': ['properties.message', 'properties.details.msg'],
    'source.ip': ['properties.clientIp', 'properties.clientIP'],
    'source.port': 'properties.clientPort',
    'url.original': 'properties.requestUri',
    '@host': ['properties.hostname', 'properties.host'],
    'rule.id': ['properties.ruleId', 'properties.ruleName'],
    'rule.ruleset': ['properties.ruleSetType', 'properties.policy'],
    'http.request.id': ['properties.transactionId', 'properties.trackingReference'],
    'event.action': 'properties.action',
  },
  constants: { ...constants, 'event.category': ['web', 'intrusion_detection'], 'event.type': ['info'] },
  when: [{ if: { 'properties.action': ['Block*', 'Deny*'] }, set: { 'event.outcome': 'failure', 'event.type': ['denied'] } }],
};
