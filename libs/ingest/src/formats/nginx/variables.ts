import { checkLogFormat, type LogFormatResult, type Piece, type Setter } from '../../http/log-format.js';
import * as to from '../../http/setters.js';

/** nginx variables that become fields; every other one is read past. */
const variables: Readonly<Record<string, Setter>> = {
  remote_addr: to.source,
  realip_remote_addr: () => undefined,
  remote_port: to.numberSetter('source.port'),
  remote_user: to.textSetter('user.name'),
  time_local: to.clfStamp,
  time_iso8601: to.isoStamp,
  msec: to.epochStamp,
  request: to.request,
  request_method: to.method,
  request_uri: to.target,
  uri: to.path,
  document_uri: to.path,
  args: to.query,
  query_string: to.query,
  server_protocol: to.protocol,
  status: to.status,
  body_bytes_sent: to.numberSetter('http.response.body.bytes'),
  bytes_sent: to.numberSetter('http.response.bytes'),
  request_length: to.numberSetter('http.request.bytes'),
  content_length: to.numberSetter('http.request.body.bytes'),
  http_referer: to.referrer,
  http_user_agent: to.agent,
  http_x_forwarded_for: to.forwardedFor,
  proxy_add_x_forwarded_for: to.forwardedFor,
  http_x_real_ip: to.realIp,
  http_forwarded: to.headerSetter('forwarded'),
  http_cf_connecting_ip: to.headerSetter('cf-connecting-ip'),
  http_true_client_ip: to.headerSetter('true-client-ip'),
  http_authorization: to.headerSetter('authorization'),
  http_cookie: to.headerSetter('cookie'),
  http_x_api_key: to.headerSetter('x-api-key'),
  http_x_request_id: to.textSetter('http.request.id'),
  request_id: to.textSetter('http.request.id'),
  req_id: to.textSetter('http.request.id'),
  sent_http_content_type: to.textSetter('http.response.mime_type'),
  host: to.host,
  http_host: to.host,
  server_name: to.host,
  server_port: to.numberSetter('destination.port'),
  server_addr: to.textSetter('destination.address'),
  scheme: to.textSetter('url.scheme'),
  request_time: to.duration,
  upstream_response_time: to.numberSetter('gatewatch.upstream.response_time'),
  upstream_addr: to.textSetter('gatewatch.upstream.address'),
  upstream_status: to.numberSetter('gatewatch.upstream.status_code'),
  ssl_protocol: to.textSetter('tls.version'),
  ssl_cipher: to.textSetter('tls.cipher'),
  hostname: to.textSetter('host.name'),
  pid: to.numberSetter('process.pid'),
};
const times = ['time_local', 'time_iso8601', 'msec'];

/** Compiles what stands in an nginx `log_format`, without the quotes of the configuration file. */
export function compileNginxFormat(text: string): LogFormatResult {
  const pieces: Piece[] = [];
  let timed = false;
  let literalAt = 0;
  for (const found of text.matchAll(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g)) {
    const name = (found[1] ?? found[2])!;
    timed ||= times.includes(name);
    const set = Object.hasOwn(variables, name) ? variables[name] : undefined;
    pieces.push({ literal: text.slice(literalAt, found.index), variable: `$${name}`, set, list: name.startsWith('upstream_') });
    literalAt = found.index + found[0].length;
  }
  return checkLogFormat({ pieces, tail: text.slice(literalAt), timed });
}
