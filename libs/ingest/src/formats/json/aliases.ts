/**
 * Keys of access logs in JSON that mean an ECS field, as gateways, frameworks and nginx recipes write them; nested keys are dotted. The first entry of a
 * field that a line has wins. `@request` is a request line, `@target` a target with its query, `@address` an address or host name, `@time` a time.
 */
const table: Readonly<Record<string, string>> = {
  '@address':
    'remote_addr remoteaddr remote_address clientip client_ip clientaddr remote_ip remoteip ip ip_address ipaddress client.address client.addr sourceip source_ip src_ip c_ip remotehost request.remote_ip request.client_ip http.client_ip httprequest.remoteip network.client.ip clienthost remote_host client.ip client_address fastly_client_ip client',
  '@request': 'request request_line requestline',
  '@target':
    'request_uri requesturi uri url path request.uri request.url request.path http.url http.target http.path http.request.uri requestpath request_path req.url url_path endpoint httprequest.requesturl originrequesturi req_uri req_url',
  '@time':
    '@timestamp timestamp time ts time_iso8601 time_local msec datetime date asctime eventtime event_time start_time starttime logged_at created_at timestamp_ms startutc time_start start timestamp_start request_start_time',
  '@forwarded': 'http_x_forwarded_for x_forwarded_for xff request.headers.x-forwarded-for forwarded_for',
  '@host': 'host server_name http_host vhost virtual_host hostname request.host http.host request_host requesthost authority req_host',
  'http.request.method':
    'method request_method requestmethod verb http_method httpmethod request.method http.method req.method httprequest.requestmethod req_method request_verb',
  'http.response.status_code':
    'status status_code statuscode response_code responsecode http_status http_status_code response.status response.status_code response.code http.status_code http.status res.statuscode downstreamstatus httprequest.status response_status resp_status res_status responsestatus code',
  'http.version': 'protocol server_protocol http_version httpversion request.protocol http.protocol request.http_version requestprotocol',
  'http.response.body.bytes':
    'bytes body_bytes_sent bytes_sent size response_size responsesize response.size bytes_out response.body_size content_length resp_body_size downstreamcontentsize httprequest.responsesize response_body_size resp_bytes',
  'http.request.bytes': 'request_length bytes_in request_size request.size requestcontentsize httprequest.requestsize',
  'http.request.referrer':
    'referer referrer http_referer http_referrer request.referer request.headers.referer http.referer request_referer httprequest.referer',
  'user_agent.original':
    'user_agent useragent http_user_agent agent ua request.user_agent request.useragent request.headers.user-agent http.user_agent http.useragent request_user-agent httprequest.useragent request_user_agent req_user_agent',
  'user.name': 'user remote_user username user_name usr login account auth_user authenticated_user usr.name request.user clientusername',
  'user.id': 'user_id userid uid usr.id sub subject account_id',
  'user.email': 'email user_email usr.email mail',
  'http.request.id': 'request_id requestid req_id x_request_id correlation_id correlationid',
  'trace.id': 'trace_id traceid trace',
  'service.name': 'service service_name app application',
  'url.query': 'args query query_string querystring request.querystring request.query_string',
  'url.scheme': 'scheme request_scheme x_forwarded_proto',
  'tls.version': 'ssl_protocol tls_version tls.protocol',
  'tls.cipher': 'ssl_cipher tls_cipher',
  'source.port': 'remote_port client_port clientport',
  'gatewatch.upstream.response_time': 'upstream_response_time upstream_time',
  'gatewatch.upstream.address': 'upstream_addr upstream_address upstream',
  'gatewatch.upstream.status_code': 'upstream_status',
  '@seconds': 'request_time requesttime response_time_s duration_s elapsed_s',
  '@millis':
    'duration_ms response_time_ms latency_ms elapsed_ms latency elapsed responsetime response_time request_time_ms latencies.request',
  'event.action': 'action event_type eventtype',
  'event.outcome': 'outcome',
  'log.level': 'level severity loglevel log_level',
  message: 'msg',
};

/** Each alias with its rank: lower wins. */
export interface Alias {
  readonly target: string;
  readonly rank: number;
}

/** Lower-case key to what it means. */
export const aliases: ReadonlyMap<string, Alias> = new Map(
  Object.entries(table).flatMap(([target, names]) => names.split(/\s+/).map((name, rank) => [name, { target, rank }] as const)),
);
