import type { RecordShape } from '../record-map.js';

/** Envoy's and Istio's access log in JSON; the keys are those of the usual examples and of Istio (https://istio.io/latest/docs/tasks/observability/logs/access-log/). */
export const envoy: RecordShape = {
  name: 'envoy',
  marks: ['response_flags', 'downstream_remote_address', 'downstream_local_address', 'x-envoy-original-path', ':authority'],
  find: (tree) =>
    ('method' in tree || ':method' in tree || 'request_method' in tree || 'response_code' in tree) &&
    ('start_time' in tree || 'timestamp' in tree || '@timestamp' in tree)
      ? tree
      : undefined,
  module: 'envoyproxy',
  dataset: 'envoyproxy.access',
  time: ['start_time', '@timestamp', 'timestamp'],
  fields: {
    'source.ip': [
      'downstream_remote_address',
      'downstream_direct_remote_address',
      'downstream_remote_address_without_port',
      'source_address',
      'client_ip',
      'x_forwarded_for',
      'x-forwarded-for',
    ],
    'http.request.method': ['method', ':method', 'request_method'],
    'url.original': ['x-envoy-original-path', 'x_envoy_original_path', 'path', 'x-envoy-origin-path', ':path', 'request_path'],
    '@host': ['authority', ':authority', 'host', 'requested_server_name'],
    'http.version': ['protocol'],
    'http.response.status_code': ['response_code', 'status', 'response_status'],
    'http.request.body.bytes': ['bytes_received', 'request_size'],
    'http.response.body.bytes': ['bytes_sent', 'response_size'],
    '@millis': ['duration', 'duration_ms'],
    'user_agent.original': ['user_agent', 'user-agent', 'request_user_agent'],
    'http.request.referrer': ['referer', 'request_referer'],
    'http.request.id': ['request_id', 'x-request-id', 'x_request_id'],
    'trace.id': ['trace_id', 'x-b3-traceid', 'x_b3_traceid'],
    'gatewatch.upstream.address': 'upstream_host',
    'service.name': ['upstream_cluster', 'route_name'],
    'event.reason': ['response_code_details', 'response_flags'],
    'tls.version': ['downstream_tls_version'],
    'tls.cipher': ['downstream_tls_cipher'],
    '@forwarded': ['x_forwarded_for', 'x-forwarded-for'],
  },
  access: true,
};
