import type { RecordShape } from '../record-map.js';

/** Tyk's analytics records, as its pump writes them, and its JSON access log (https://tyk.io/docs/api-management/logs-metrics/). API keys are hidden. */
export const tyk: RecordShape = {
  name: 'tyk',
  marks: ['api_id', 'APIID', 'prefix'],
  find: (tree) =>
    ('api_id' in tree || 'APIID' in tree) &&
    ('response_code' in tree || 'ResponseCode' in tree || (tree['prefix'] === 'access-log' && 'status' in tree))
      ? tree
      : undefined,
  module: 'tyk',
  dataset: 'tyk.access',
  time: ['timestamp', 'TimeStamp', 'time', '@timestamp'],
  fields: {
    'source.ip': ['ip_address', 'IPAddress', 'client_ip', 'remote_addr'],
    'http.request.method': ['method', 'Method'],
    'url.original': ['raw_path', 'RawPath', 'path', 'Path'],
    '@host': ['host', 'Host'],
    'http.version': 'protocol',
    'http.response.status_code': ['response_code', 'ResponseCode', 'status'],
    'http.request.body.bytes': ['content_length', 'ContentLength'],
    '@millis': ['request_time', 'RequestTime', 'latency.total', 'latency_total'],
    'user_agent.original': ['user_agent', 'UserAgent'],
    'user.name': ['alias', 'Alias'],
    'user.id': ['oauth_id', 'OauthID'],
    'service.name': ['api_name', 'APIName', 'api_id', 'APIID'],
    'organization.id': ['org_id', 'OrgID'],
    'gatewatch.upstream.address': ['upstream_addr'],
    'source.geo.country_iso_code': ['geo.country.iso_code', 'Geo.Country.ISOCode'],
    'event.reason': ['response_flag', 'error_source'],
    'trace.id': 'trace_id',
  },
  access: true,
};
