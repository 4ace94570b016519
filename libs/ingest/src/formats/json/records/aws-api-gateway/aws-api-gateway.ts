import { METHOD } from '../../../../slots.js';
import type { RecordShape } from '../record-map.js';

/** Access logs of Amazon API Gateway (REST, HTTP, WebSocket) in JSON, keys named after the `$context` variables (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html). */
export const awsApiGateway: RecordShape = {
  name: 'aws-api-gateway',
  marks: ['requestTime', 'requestTimeEpoch', 'routeKey', 'resourcePath'],
  find: (tree) =>
    ('requestTime' in tree || 'requestTimeEpoch' in tree) && ('requestId' in tree || 'extendedRequestId' in tree || 'status' in tree)
      ? tree
      : undefined,
  module: 'aws',
  dataset: 'aws.apigateway',
  time: ['requestTimeEpoch', 'requestTime'],
  fields: {
    'source.ip': ['ip', 'sourceIp', 'identity.sourceIp', 'clientIp'],
    'http.request.method': ['httpMethod', 'method', 'requestMethod'],
    'url.original': ['path', 'rawPath', 'requestPath', 'resourcePath'],
    '@host': ['domainName', 'host'],
    'http.version': 'protocol',
    'http.response.status_code': ['status', 'statusCode', 'responseStatus'],
    'http.response.body.bytes': ['responseLength', 'responseSize'],
    '@millis': ['responseLatency', 'responseLatencyMs', 'latency'],
    'gatewatch.upstream.status_code': ['integrationStatus', 'integration.status'],
    'user_agent.original': ['userAgent', 'identity.userAgent'],
    'user.name': ['user', 'caller', 'principalId', 'authorizer.principalId', 'identity.user'],
    'user.id': ['sub', 'authorizer.claims.sub', 'authorizer.jwt.claims.sub'],
    'event.reason': ['authorizerError', 'authorizer.error', 'error.message', 'errorMessage', 'integrationErrorMessage'],
    'error.message': ['errorMessage', 'error.message'],
    'http.request.id': ['requestId', 'extendedRequestId'],
    'trace.id': 'xrayTraceId',
    'cloud.account.id': 'accountId',
    'gatewatch.route': ['resourcePath'],
    'service.name': ['apiId', 'stage'],
  },
  constants: { 'cloud.provider': 'aws' },
  when: [{ if: { routeKey: '$connect', status: { gte: 400 } }, action: 'authz:failure' }],
  access: true,
  finish({ values }, { routeKey }) {
    // "GET /users/{id}"; "$default" and "$connect" name no method.
    const method = typeof routeKey === 'string' ? /^([A-Z]{3,16}) \//.exec(routeKey)?.[1] : undefined;
    if (method !== undefined && method !== 'ANY') values[METHOD] ??= method;
  },
};
