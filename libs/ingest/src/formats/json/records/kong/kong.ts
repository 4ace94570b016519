import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** What Kong's log plugins write: file-log, http-log, tcp-log, udp-log, loggly (https://developer.konghq.com/plugins/file-log/). */
export const kong: RecordShape = {
  name: 'kong',
  marks: ['latencies', 'started_at'],
  find: (tree) =>
    isObject(tree['request']) && isObject(tree['response']) && ('client_ip' in tree || 'latencies' in tree) ? tree : undefined,
  module: 'kong',
  dataset: 'kong.access',
  time: ['started_at', '@timestamp', 'timestamp'],
  fields: {
    'source.ip': 'client_ip',
    'http.request.method': 'request.method',
    'url.original': ['request.url', 'request.uri', 'upstream_uri'],
    'http.request.bytes': 'request.size',
    'http.response.status_code': 'response.status',
    'http.response.bytes': 'response.size',
    '@millis': 'latencies.request',
    '@host': 'request.headers.host',
    'user_agent.original': ['request.headers.user-agent', 'request.headers.User-Agent'],
    'http.request.referrer': ['request.headers.referer', 'request.headers.Referer'],
    '@forwarded': ['request.headers.x-forwarded-for'],
    'http.request.id': ['request.id', 'request.headers.x-request-id'],
    'user.name': ['consumer.username', 'consumer.custom_id', 'authenticated_entity.consumer.username'],
    'user.id': ['consumer.id', 'authenticated_entity.consumer_id', 'authenticated_entity.id'],
    'service.name': ['service.name', 'route.name', 'api.name'],
    'gatewatch.upstream.status_code': 'upstream_status',
    'gatewatch.upstream.address': 'tries.0.ip',
    'tls.version': 'request.tls.version',
    'tls.cipher': 'request.tls.cipher',
    'organization.name': 'workspace_name',
  },
  access: true,
};
