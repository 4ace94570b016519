import type { JsonObject } from '#ecs';
import { decodedHeader } from '../../../../http/decoded-header.js';
import type { RecordShape } from '../record-map.js';

/** CloudFront's standard log (v2) in JSON, and its real-time log as JSON: the columns' names are the keys (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html). */
export const cloudfrontJson: RecordShape = {
  name: 'cloudfront',
  marks: ['x-edge-location', 'x-edge-request-id', 'x-edge-result-type', 'x_edge_location', 'x_edge_request_id', 'x_edge_result_type'],
  find: (tree) => ('c-ip' in tree || 'c_ip' in tree ? evenKeys(tree) : undefined),
  module: 'aws',
  dataset: 'aws.cloudfront',
  time: ['timestamp_ms', 'timestamp', 'date_time'],
  fields: {
    'source.ip': 'c_ip',
    'source.port': 'c_port',
    'http.request.method': 'cs_method',
    'url.original': 'cs_uri_stem',
    'url.query': 'cs_uri_query',
    'url.scheme': 'cs_protocol',
    '@host': ['x_host_header', 'cs_host'],
    'http.version': ['cs_protocol_version', 'cs_version'],
    'http.response.status_code': 'sc_status',
    'http.response.bytes': 'sc_bytes',
    'http.request.bytes': 'cs_bytes',
    'http.response.mime_type': 'sc_content_type',
    'http.request.referrer': 'cs_referer',
    'user_agent.original': 'cs_user_agent',
    '@forwarded': 'x_forwarded_for',
    '@seconds': 'time_taken',
    'tls.version': 'ssl_protocol',
    'tls.cipher': 'ssl_cipher',
    'http.request.id': 'x_edge_request_id',
  },
  constants: { 'cloud.provider': 'aws' },
  access: true,
};

const encoded = new Set(['cs_user_agent', 'cs_referer']);

/** The record with keys as Parquet has them (`cs(User-Agent)` is `cs_user_agent`), values without what CloudFront writes for none, headers decoded. */
function evenKeys(tree: JsonObject): JsonObject {
  const record: JsonObject = {};
  for (const [key, value] of Object.entries(tree)) {
    const name = key.toLowerCase().replace(/[-(]/g, '_').replace(')', '');
    if (value !== '-' && value !== '') record[name] = typeof value === 'string' && encoded.has(name) ? decodedHeader(value) : value;
  }
  const { date, time } = record;
  if (typeof date === 'string' && typeof time === 'string') record['date_time'] = `${date}T${time}Z`;
  return record;
}
