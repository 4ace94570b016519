/**
 * Keys of access logs in JSON that mean an ECS field, as gateways, frameworks and nginx recipes write them; nested keys are dotted. The first entry of a
 * field that a line has wins. `@request` is a request line, `@target` a target with its query, `@address` an address or host name, `@time` a time, `@took` a
 * duration that names its unit.
 */
const table: Readonly<Record<string, string>> = {
  '@address':
    'remote_addr remoteaddr remote_address clientip client_ip clientaddr remote_ip remoteip ip ip_address ipaddress client.address client.addr sourceip source_ip src_ip remotehost request.remote_ip request.client_ip request.ip http.client_ip httprequest.remoteip network.client.ip clienthost remote_host client.ip client_address fastly_client_ip client c_ip httprequest.clientip calleripaddress properties.clientip properties.remoteipaddress remoteipaddress state.remoteipaddress callerip peer_ip peer_addr true_client_ip fields.remote_addr fields.client_ip',
  '@request': 'request request_line requestline',
  '@target':
    'request_uri requesturi uri url path request.uri request.url request.path http.url http.target http.path http.request.uri requestpath request_path req.url url_path endpoint httprequest.requesturl originrequesturi req_uri req_url cs_uri_stem properties.requestpath state.path span.uri span.path originaluri original_uri rawpath route_path fields.path fields.uri',
  '@time':
    '@timestamp timestamp time ts time_iso8601 time_local msec datetime date asctime eventtime event_time start_time starttime logged_at created_at timestamp_ms startutc time_start start timestamp_start request_start_time @t t timegenerated requesttimestamp log_time eventdatetime',
  '@forwarded': 'http_x_forwarded_for x_forwarded_for xff request.headers.x-forwarded-for forwarded_for',
  '@host':
    'host http_host server_name vhost virtual_host hostname request.host http.host request_host requesthost authority req_host cs_host domain domainname domain_name originalhost state.host properties.host x_host_header',
  'http.request.method':
    'method request_method requestmethod verb http_method httpmethod request.method http.method req.method httprequest.requestmethod req_method request_verb cs_method properties.requestmethod state.method span.method http_request_method httpverb',
  'http.response.status_code':
    'status status_code statuscode response_code responsecode http_status http_status_code response.status response.status_code response.code http.status_code http.status res.statuscode downstreamstatus httprequest.status response_status resp_status res_status responsestatus sc_status properties.statuscode state.statuscode fields.status http_response_status_code http_response_code httpstatuscode httpstatus responsestatuscode code',
  'http.version':
    'protocol server_protocol http_version httpversion request.protocol http.protocol request.http_version requestprotocol request_protocol req_protocol cs_version cs_protocol_version clientprotocol http_protocol proto httprequest.protocol',
  'http.response.body.bytes':
    'bytes body_bytes_sent bytes_sent size response_size responsesize response.size bytes_out response.body_size content_length resp_body_size downstreamcontentsize httprequest.responsesize response_body_size resp_bytes sc_bytes bytes_written content_length_sent response_bytes response_length response.length responselength contentlength',
  'http.request.bytes':
    'request_length bytes_in request_size request.size requestcontentsize httprequest.requestsize cs_bytes bytes_received request_bytes',
  'http.request.referrer':
    'referer referrer http_referer http_referrer request.referer request.headers.referer http.referer request_referer httprequest.referer referal cs(referer) request.headers.referrer',
  'user_agent.original':
    'user_agent useragent http_user_agent agent ua request.user_agent request.useragent request.headers.user-agent http.user_agent http.useragent request_user-agent httprequest.useragent request_user_agent req_user_agent cs(user-agent) cs_user_agent properties.useragent browser_agent',
  'user.name':
    'user remote_user username user_name usr login account auth_user authenticated_user usr.name request.user clientusername cs_username auth.user authuser principal uname',
  'user.id': 'user_id userid uid usr.id sub subject account_id',
  'user.email': 'email user_email usr.email mail',
  'http.request.id': 'request_id requestid req_id x_request_id correlation_id correlationid properties.requestid',
  'trace.id': 'trace_id traceid trace',
  'service.name': 'service service_name app application',
  'url.query':
    'args query query_string querystring cs_uri_query requestquery properties.querystring state.querystring request.querystring request.query_string request.query',
  'url.scheme': 'scheme request_scheme x_forwarded_proto',
  'tls.version': 'ssl_protocol tls_version tls.protocol tls_client_protocol tls_protocol ssl_version tlsversion clienttlsversion',
  'tls.cipher': 'ssl_cipher tls_cipher tls_client_cipher tlscipher',
  'source.port': 'remote_port client_port clientport',
  'gatewatch.upstream.response_time': 'upstream_response_time upstream_time upstreamtime upstream_service_time_s',
  'gatewatch.upstream.address': 'upstream_addr upstream_address upstream upstreamhost upstream_host upstreamaddr',
  'gatewatch.upstream.status_code': 'upstream_status',
  '@seconds':
    'request_time requesttime response_time_s duration_s elapsed_s latency_s duration_seconds elapsed_seconds response_time_seconds latency_seconds',
  '@millis':
    'duration_ms time_taken response_time_ms latency_ms elapsed_ms latency elapsed responsetime response_time request_time_ms latencies.request properties.elapsed elapsedmilliseconds state.elapsedmilliseconds elapsed_milliseconds durationms latencyms responsetimems totaltime duration_millis response_time_millis',
  '@took': 'latency_human duration took elapsed_human duration_human resp_time time_spent fields.latency span.latency',
  'event.action': 'action event_type eventtype',
  'event.outcome': 'outcome',
  'log.level': 'level severity loglevel log_level',
  message: 'msg short_message textpayload',
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
