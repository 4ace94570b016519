import { slot } from '#ecs';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** Caddy's access log (https://caddyserver.com/docs/caddyfile/directives/log). `client_ip` is the peer, or what trusted proxies said of it. */
export const caddy: RecordShape = {
  name: 'caddy',
  marks: ['logger'],
  find: (tree) => {
    const { logger, request } = tree;
    return typeof logger === 'string' && logger.startsWith('http.log') && isObject(request) && 'uri' in request ? tree : undefined;
  },
  module: 'caddy',
  dataset: 'caddy.access',
  time: ['ts', 'time', 'timestamp'],
  fields: {
    'source.ip': ['request.client_ip', 'request.remote_ip', 'request.remote_addr'],
    'source.port': 'request.remote_port',
    'user.name': 'user_id',
    'http.request.method': 'request.method',
    'url.original': 'request.uri',
    '@host': 'request.host',
    'http.version': 'request.proto',
    'http.response.status_code': 'status',
    'http.response.body.bytes': 'size',
    'http.request.body.bytes': 'bytes_read',
    '@seconds': 'duration',
    'user_agent.original': ['request.headers.User-Agent.0', 'request.headers.User-Agent'],
    'http.request.referrer': ['request.headers.Referer.0', 'request.headers.Referer'],
    '@forwarded': ['request.headers.X-Forwarded-For.0'],
    'http.request.id': ['uuid', 'request.headers.X-Request-Id.0'],
    'tls.client.server_name': 'request.tls.server_name',
    'event.reason': 'err_trace',
    'error.message': 'error',
    'log.level': 'level',
  },
  access: true,
  finish(event, record) {
    const version = isObject(record['request']) && isObject(record['request']['tls']) ? record['request']['tls']['version'] : undefined;
    const name = typeof version === 'number' ? versions.get(version) : undefined;
    if (name !== undefined) event.values[slot['tls.version']] = name;
  },
};

/** TLS versions by their numbers in the handshake (RFC 8446, 4.2.1). */
const versions: ReadonlyMap<number, string> = new Map([
  [769, '1.0'],
  [770, '1.1'],
  [771, '1.2'],
  [772, '1.3'],
]);
