import type { JsonObject, JsonValue } from '#ecs';
import { finishAccess } from '../../../../http/access-event.js';
import { METHOD, STATUS } from '../../../../slots.js';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

const most = 256;

/** A value of OTLP's JSON (`{"stringValue":"x"}`) as it is meant. */
function plain(value: JsonValue | undefined, depth = 0): JsonValue {
  if (!isObject(value) || depth > 8) return value ?? null;
  const [kind, inner] = Object.entries(value)[0] ?? [];
  if (kind === 'intValue' || kind === 'doubleValue') return Number(inner);
  if (kind === 'arrayValue' && isObject(inner) && Array.isArray(inner['values']))
    return inner['values'].slice(0, most).map((each) => plain(each, depth + 1));
  if (kind === 'kvlistValue' && isObject(inner)) return attributes(inner['values'], depth + 1);
  return inner ?? null;
}

/** Attributes as a list of pairs, or as collectors that are no OTLP write them: an object. */
function attributes(list: JsonValue | undefined, depth = 0): JsonObject {
  if (isObject(list)) return list;
  const found: JsonObject = {};
  if (Array.isArray(list)) {
    for (const pair of list.slice(0, most)) {
      if (isObject(pair) && typeof pair['key'] === 'string' && pair['key'] !== '__proto__')
        found[pair['key']] = plain(pair['value'], depth);
    }
  }
  return found;
}

/** The only record of a request; one that holds several is split before it is accepted (`splitRecords`). */
function only(tree: JsonObject): { record: JsonObject; resource: JsonValue } | undefined {
  const resourceLogs = first(tree['resourceLogs']);
  const scopeLogs = resourceLogs && first(resourceLogs['scopeLogs'] ?? resourceLogs['instrumentationLibraryLogs']);
  const record = scopeLogs && first(scopeLogs['logRecords']);
  return record && { record, resource: isObject(resourceLogs['resource']) ? (resourceLogs['resource']['attributes'] ?? null) : null };
}

function first(list: JsonValue | undefined): JsonObject | undefined {
  return Array.isArray(list) && list.length === 1 && isObject(list[0]) ? list[0] : undefined;
}

/** A record as the data model spells it (`Attributes`, `Body`), which ClickHouse and the like keep. */
function modelled(tree: JsonObject): JsonObject | undefined {
  const { Timestamp, Attributes, LogAttributes, Resource, ResourceAttributes, Body, TraceId, SeverityText } = tree;
  const list = Attributes ?? LogAttributes;
  if (Timestamp === undefined || !isObject(list)) return undefined;
  const time = { timeUnixNano: Timestamp, traceId: TraceId ?? null, severityText: SeverityText ?? null };
  return { ...time, body: Body ?? null, a: list, r: Resource ?? ResourceAttributes ?? null };
}

function find(tree: JsonObject): JsonObject | undefined {
  if ('Attributes' in tree || 'LogAttributes' in tree) return modelled(tree);
  const whole = 'resourceLogs' in tree ? only(tree) : undefined;
  const record = whole ? whole.record : 'timeUnixNano' in tree || 'observedTimeUnixNano' in tree ? tree : undefined;
  if (!record) return undefined;
  const resource = whole ? whole.resource : isObject(tree['resource']) ? (tree['resource']['attributes'] ?? null) : null;
  const body = plain(record['body']);
  return { ...(isObject(body) ? body : { body }), ...record, body, a: attributes(record['attributes']), r: attributes(resource) };
}

/** Log records of OpenTelemetry in OTLP's JSON, with the semantic conventions for HTTP of both generations (https://opentelemetry.io/docs/specs/semconv/http/). */
export const otlp: RecordShape = {
  name: 'otlp',
  marks: ['Attributes', 'LogAttributes', 'resourceLogs', 'timeUnixNano', 'observedTimeUnixNano'],
  find,
  module: 'otel',
  dataset: 'otel.log',
  time: ['timeUnixNano', 'observedTimeUnixNano'],
  fields: {
    'source.ip': [
      'a.client.address',
      'a.http.client_ip',
      'a.network.peer.address',
      'a.net.sock.peer.addr',
      'a.net.peer.ip',
      'a.source.address',
    ],
    'source.port': ['a.client.port', 'a.network.peer.port', 'a.net.peer.port'],
    'http.request.method': ['a.http.request.method', 'a.http.method'],
    'url.original': ['a.url.full', 'a.http.url', 'a.http.target', 'a.url.path'],
    'url.query': 'a.url.query',
    '@host': ['a.server.address', 'a.http.host', 'a.net.host.name'],
    'url.scheme': ['a.url.scheme', 'a.http.scheme'],
    'http.version': ['a.network.protocol.version', 'a.http.flavor'],
    'http.response.status_code': ['a.http.response.status_code', 'a.http.status_code'],
    'http.request.body.bytes': ['a.http.request.body.size', 'a.http.request_content_length'],
    'http.response.body.bytes': ['a.http.response.body.size', 'a.http.response_content_length'],
    'user_agent.original': ['a.user_agent.original', 'a.http.user_agent'],
    'user.id': ['a.user.id', 'a.enduser.id'],
    'user.name': ['a.user.name', 'a.enduser.pseudo.id'],
    'user.roles': ['a.user.roles', 'a.enduser.role'],
    'gatewatch.route': 'a.http.route',
    'event.action': ['a.event.name', 'eventName'],
    'service.name': ['r.service.name', 'a.service.name'],
    'host.name': 'r.host.name',
    'trace.id': 'traceId',
    'log.level': 'severityText',
    'error.message': 'a.exception.message',
    message: 'body',
  },
  finish: (event) => {
    if (event.values[METHOD] === undefined && event.values[STATUS] === undefined) return;
    finishAccess(event);
  },
};
