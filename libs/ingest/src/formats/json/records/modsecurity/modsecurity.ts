import type { JsonObject } from '#ecs';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** The first message is taken: the rule that matched first; all of them stay in `event.original`. */
export const modsecurity: RecordShape = {
  name: 'modsecurity',
  marks: ['transaction'],
  find: (tree) => {
    const { transaction } = tree;
    return isObject(transaction) && ('client_ip' in transaction || 'remote_address' in transaction) ? lifted(tree, transaction) : undefined;
  },
  module: 'modsecurity',
  dataset: 'modsecurity.auditlog',
  time: ['transaction.time_stamp', 'transaction.time', 'transaction.timestamp'],
  fields: {
    'source.ip': ['transaction.client_ip', 'transaction.remote_address'],
    'source.port': ['transaction.client_port', 'transaction.remote_port'],
    'destination.ip': ['transaction.host_ip', 'transaction.local_address'],
    'destination.port': ['transaction.host_port', 'transaction.local_port'],
    '@request': 'request.request_line',
    'http.request.method': 'request.method',
    'url.original': 'request.uri',
    'http.version': ['request.http_version', 'response.protocol'],
    '@host': ['request.headers.Host', 'request.headers.host'],
    'user_agent.original': ['request.headers.User-Agent', 'request.headers.user-agent'],
    'http.request.referrer': ['request.headers.Referer', 'request.headers.referer'],
    '@forwarded': ['request.headers.X-Forwarded-For', 'request.headers.x-forwarded-for'],
    'http.response.status_code': ['response.http_code', 'response.status'],
    'http.request.id': ['transaction.unique_id', 'transaction.transaction_id', 'transaction.id'],
    'rule.id': 'first.details.ruleId',
    'event.code': 'first.details.ruleId',
    'event.reason': ['first.message', 'audit_data.action.message', 'audit_data.messages.0'],
    message: ['first.message', 'audit_data.messages.0'],
  },
  constants: { 'event.category': ['web', 'intrusion_detection'], 'event.type': ['info'] },
  when: [
    { if: { 'audit_data.action.intercepted': true }, set: { 'event.outcome': 'failure', 'event.type': ['denied'] } },
    { if: { 'transaction.is_interrupted': true }, set: { 'event.outcome': 'failure', 'event.type': ['denied'] } },
  ],
  access: true,
};

/** ModSecurity 3 writes request and response inside the transaction, 2 beside it. */
function lifted(tree: JsonObject, transaction: JsonObject): JsonObject {
  const { messages } = transaction;
  const first = Array.isArray(messages) ? (messages[0] ?? null) : null;
  return {
    ...tree,
    request: transaction['request'] ?? tree['request'] ?? null,
    response: transaction['response'] ?? tree['response'] ?? null,
    first,
  };
}
