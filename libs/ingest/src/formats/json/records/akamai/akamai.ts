import type { JsonObject } from '#ecs';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** Headers come as they were sent, in one text that is percent-encoded once more. */
const mostHeaders = 16_384;

/** The record with what Akamai encodes: the headers that tell of the caller, and what its rules did. */
function find(tree: JsonObject): JsonObject | undefined {
  const { attackData: attack, httpMessage: request } = tree;
  if (!isObject(attack) || !isObject(request)) return undefined;
  const { requestHeaders: headers } = request;
  const { ruleActions: actions, ruleTags: tags } = attack;
  return {
    ...tree,
    headers: headersOf(headers),
    done: listOf(actions),
    tags: listOf(tags).join(', '),
    applied: appliedOf(attack, actions),
  };
}

function headersOf(text: unknown): JsonObject {
  const found: JsonObject = {};
  if (typeof text !== 'string') return found;
  for (const line of unescaped(text.slice(0, mostHeaders)).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) found[`h-${line.slice(0, colon).trim().toLowerCase()}`] = line.slice(colon + 1).trim();
  }
  return found;
}

/** Whatever can be decoded: a cut-off escape must not hide the rest. */
function unescaped(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** Texts in base64 between semicolons; blanks that an encoder put in between are none of them. */
function listOf(text: unknown): string[] {
  if (typeof text !== 'string') return [];
  return unescaped(text.slice(0, mostHeaders))
    .split(';')
    .map((part) => Buffer.from(part.replaceAll(' ', ''), 'base64').toString('utf8').toLowerCase())
    .filter(Boolean);
}

/** What Akamai did with the request: it says so, or it refused where one of the rules did. */
function appliedOf({ appliedAction: applied }: JsonObject, actions: unknown): string {
  if (typeof applied === 'string' && applied !== '') return applied.toLowerCase();
  return listOf(actions).some((action) => action.startsWith('deny')) ? 'deny' : 'alert';
}

/** Security events of Akamai's SIEM integration (https://techdocs.akamai.com/siem-integration/reference/get-configid). */
export const akamai: RecordShape = {
  name: 'akamai',
  marks: ['attackData'],
  find,
  module: 'akamai',
  dataset: 'akamai.siem',
  time: 'httpMessage.start',
  fields: {
    'event.action': 'applied',
    'event.code': 'attackData.policyId',
    'event.reason': 'tags',
    'source.ip': 'attackData.clientIP',
    'source.geo.country_iso_code': 'geo.country',
    'source.as.number': 'geo.asn',
    'http.request.method': 'httpMessage.method',
    'url.original': 'httpMessage.path',
    'url.query': 'httpMessage.query',
    '@host': 'httpMessage.host',
    'http.version': 'httpMessage.protocol',
    'http.request.id': 'httpMessage.requestId',
    'http.response.status_code': 'httpMessage.status',
    'http.response.bytes': 'httpMessage.bytes',
    'tls.version': 'httpMessage.tls',
    'user_agent.original': 'headers.h-user-agent',
    'http.request.referrer': 'headers.h-referer',
    'rule.ruleset': 'attackData.configId',
    'user.id': 'userRiskData.uuid',
  },
  constants: { 'event.category': ['web', 'intrusion_detection'], 'event.type': ['access', 'allowed'] },
  when: [
    {
      if: { applied: ['deny*', 'block*', 'abort', 'tarpit', 'slow'] },
      set: { 'event.outcome': 'failure', 'event.type': ['access', 'denied'] },
    },
    { if: { applied: ['alert', 'monitor', 'none', 'allow'] }, set: { 'event.outcome': 'success' } },
  ],
};
