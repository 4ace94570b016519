import type { JsonObject } from '#ecs';
import { QUERY, URL_ORIGINAL } from '../../../../slots.js';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';
import { diagnostic } from './diagnostic.js';

const constants = { 'cloud.provider': 'azure' };

/** Application Gateway v1 counts in whole milliseconds where v2, which names the transaction and the host, has seconds. */
function firstGateway({ category, properties }: JsonObject): boolean {
  if (category !== 'ApplicationGatewayAccessLog' || !isObject(properties)) return false;
  return Number.isInteger(Number(properties['timeTaken'])) && !('transactionId' in properties) && !('host' in properties);
}

function withMillis(tree: JsonObject): JsonObject {
  const { timeTaken = null, ...properties } = isObject(tree['properties']) ? tree['properties'] : {};
  return { ...tree, properties: { ...properties, TimeTaken: timeTaken } };
}

/** Access of Application Gateway, Front Door, App Service and API Management. */
export const azureAccess: RecordShape = {
  name: 'azure-access',
  marks: ['category'],
  find: (tree) => {
    const found = diagnostic(
      tree,
      'ApplicationGatewayAccessLog',
      'FrontDoorAccessLog',
      'FrontdoorAccessLog',
      'AppServiceHTTPLogs',
      'GatewayLogs',
      'AzureCdnAccessLog',
    );
    return found && firstGateway(found) ? withMillis(found) : found;
  },
  module: 'azure',
  timeZone: 'UTC',
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
  finish({ values }, { properties }) {
    // The first version of Application Gateway keeps its server variables in the query.
    if (!isObject(properties)) return;
    const { instanceId } = properties;
    if (typeof instanceId !== 'string' || !instanceId.startsWith('ApplicationGatewayRole_')) return;
    const query = values[QUERY];
    if (typeof query !== 'string' || !/(?:^|&)(?:X-AzureApplicationGateway-|SERVER-)/.test(query)) return;
    const own = query.replace(/(?:^|&)(?:X-AzureApplicationGateway-[\w-]+|SERVER-(?:ROUTED|STATUS))=[^&]*/g, '').replace(/^&/, '');
    const whole = values[URL_ORIGINAL];
    if (typeof whole === 'string') values[URL_ORIGINAL] = whole.replace(query, () => own).replace(/\?$/, '');
    values[QUERY] = own === '' ? undefined : own;
  },
};

/** What a web application firewall of Azure decided. */
export const azureWaf: RecordShape = {
  name: 'azure-waf',
  marks: ['category'],
  find: (tree) =>
    diagnostic(tree, 'ApplicationGatewayFirewallLog', 'FrontDoorWebApplicationFirewallLog', 'FrontdoorWebApplicationFirewallLog'),
  module: 'azure',
  timeZone: 'UTC',
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
