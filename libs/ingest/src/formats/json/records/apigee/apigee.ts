import type { RecordShape } from '../record-map.js';

/** Apigee: records of analytics exports and of the usual message logging templates (https://cloud.google.com/apigee/docs/api-platform/analytics/analytics-reference). */
export const apigee: RecordShape = {
  name: 'apigee',
  marks: [
    'apiproxy',
    'apiproxy.name',
    'apiProxy',
    'proxyName',
    'ax_resolved_client_ip',
    'gateway_flow_id',
    'client_received_start_timestamp',
  ],
  find: (tree) =>
    'request_verb' in tree ||
    'requestVerb' in tree ||
    'verb' in tree ||
    'response_status_code' in tree ||
    'responseCode' in tree ||
    'statusCode' in tree ||
    'request_uri' in tree ||
    'request.verb' in tree
      ? tree
      : undefined,
  module: 'apigee',
  dataset: 'apigee.access',
  time: [
    'client_received_start_timestamp',
    'clientReceivedStartTimestamp',
    'client_received_start_time',
    'client.received.start.timestamp',
    'client.received.end.timestamp',
    'system.timestamp',
    'startTime',
    'timestamp',
    '@timestamp',
    'time',
    'receivedTime',
  ],
  fields: {
    'source.ip': ['ax_resolved_client_ip', 'client_ip', 'clientIp', 'client.ip', 'proxy_client_ip'],
    '@forwarded': ['x_forwarded_for_ip', 'x_forwarded_for', 'xForwardedFor'],
    'http.request.method': ['request_verb', 'requestVerb', 'verb', 'method', 'request.verb', 'httpMethod'],
    'url.original': [
      'request_uri',
      'requestUri',
      'request.uri',
      'request_path',
      'requestPath',
      'request.path',
      'proxy_pathsuffix',
      'proxy.pathsuffix',
      'path',
      'uri',
    ],
    '@host': ['virtual_host', 'host', 'request_host'],
    'http.response.status_code': [
      'response_status_code',
      'responseCode',
      'statusCode',
      'response_code',
      'status',
      'response.status.code',
      'message.status.code',
    ],
    'gatewatch.upstream.status_code': ['target_response_code', 'targetResponseCode'],
    'http.request.bytes': 'request_size',
    'http.response.bytes': 'response_size',
    '@millis': ['total_response_time', 'totalResponseTime'],
    'user_agent.original': ['useragent', 'user_agent', 'userAgent', 'request.header.user-agent'],
    'user.name': ['developer_email', 'developerEmail', 'developer.email', 'developer'],
    'service.name': ['apiproxy', 'apiProxy', 'apiproxy.name', 'proxyName', 'api_product'],
    'gatewatch.client.id': ['client_id', 'clientId', 'developer_app'],
    'organization.name': 'organization',
    'http.request.id': ['gateway_flow_id', 'messageid', 'message_id', 'messageId'],
    'event.reason': ['x_apigee_fault_code', 'faultName', 'fault_name'],
  },
  access: true,
};
