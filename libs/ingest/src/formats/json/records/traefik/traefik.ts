import type { RecordShape } from '../record-map.js';

/** Traefik's access log in JSON (https://doc.traefik.io/traefik/observability/access-logs/). */
export const traefik: RecordShape = {
  name: 'traefik',
  marks: ['DownstreamStatus', 'RequestMethod', 'ClientAddr'],
  find: (tree) =>
    'RequestMethod' in tree && ['DownstreamStatus', 'ClientHost', 'ClientAddr', 'RouterName', 'StartUTC'].some((key) => key in tree)
      ? tree
      : undefined,
  module: 'traefik',
  dataset: 'traefik.access',
  time: ['StartUTC', 'time', 'StartLocal'],
  fields: {
    'source.ip': ['ClientHost', 'ClientAddr'],
    'source.port': 'ClientPort',
    'user.name': 'ClientUsername',
    'http.request.method': 'RequestMethod',
    'url.original': 'RequestPath',
    '@host': ['RequestHost', 'RequestAddr'],
    'url.scheme': 'RequestScheme',
    'http.version': 'RequestProtocol',
    'http.response.status_code': ['DownstreamStatus', 'OriginStatus'],
    'http.response.body.bytes': ['DownstreamContentSize', 'OriginContentSize'],
    'http.request.body.bytes': 'RequestContentSize',
    'event.duration': 'Duration',
    'gatewatch.upstream.status_code': 'OriginStatus',
    'gatewatch.upstream.address': ['ServiceAddr', 'BackendAddr'],
    'service.name': ['ServiceName', 'BackendName', 'RouterName'],
    'user_agent.original': ['request_User-Agent', 'request_user-agent', 'request.User-Agent'],
    'http.request.referrer': ['request_Referer', 'request_referer'],
    '@forwarded': ['request_X-Forwarded-For'],
    'http.request.id': 'request_X-Request-Id',
    'trace.id': ['TraceId', 'traceID'],
    'tls.version': 'TLSVersion',
    'tls.cipher': 'TLSCipher',
    'log.level': 'level',
  },
  access: true,
};
