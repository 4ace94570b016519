import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** AWS WAF's log (https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html). */
export const awsWaf: RecordShape = {
  name: 'aws-waf',
  marks: ['webaclId', 'terminatingRuleId'],
  find: (tree) => (isObject(tree['httpRequest']) && typeof tree['action'] === 'string' ? tree : undefined),
  module: 'aws',
  dataset: 'aws.waf',
  time: 'timestamp',
  fields: {
    'event.action': 'action',
    'event.code': 'terminatingRuleId',
    'source.ip': 'httpRequest.clientIp',
    'source.geo.country_iso_code': 'httpRequest.country',
    'http.request.method': 'httpRequest.httpMethod',
    'url.original': 'httpRequest.uri',
    'url.query': 'httpRequest.args',
    'http.version': 'httpRequest.httpVersion',
    'http.request.id': 'httpRequest.requestId',
    'user_agent.original': 'httpRequest.headers[name=User-Agent].value',
    'http.request.referrer': 'httpRequest.headers[name=Referer].value',
    '@host': 'httpRequest.headers[name=Host].value',
    '@forwarded': 'httpRequest.headers[name=X-Forwarded-For].value',
    'http.response.status_code': 'responseCodeSent',
    'rule.id': 'terminatingRuleId',
    'rule.ruleset': 'webaclId',
  },
  constants: { 'cloud.provider': 'aws', 'event.category': ['web', 'intrusion_detection'], 'event.type': ['access', 'allowed'] },
  when: [
    { if: { action: ['BLOCK', 'CAPTCHA', 'CHALLENGE'] }, set: { 'event.outcome': 'failure', 'event.type': ['access', 'denied'] } },
    { if: { action: ['ALLOW', 'COUNT'] }, set: { 'event.outcome': 'success' } },
    { if: { terminatingRuleType: 'RATE_BASED', action: 'BLOCK' }, set: { 'event.action': 'excess_rate_limit_exceeded' } },
  ],
};
