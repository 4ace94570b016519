/** Types of ECS fields as Elasticsearch maps them; `flattened` holds objects whose keys are not ours. */
export type FieldType = 'keyword' | 'ip' | 'long' | 'double' | 'date' | 'boolean' | 'geo_point' | 'flattened';

/** What one field of an event can hold. `undefined` means the event does not have the field. */
export type FieldValue = string | number | boolean | null | undefined | readonly string[] | GeoPoint;

export interface GeoPoint {
  readonly lat: number;
  readonly lon: number;
}

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** ECS "normalization: array": always written as a list. */
  readonly array?: true;
}

/**
 * The fields that Gatewatch's own parsers and enrichers fill. Names and types are those of ECS 9 (https://www.elastic.co/docs/reference/ecs);
 * what ECS does not know is under `gatewatch.*`. An event keeps the values in this order, so a field is read by index and never looked up by name.
 */
const table = {
  'event.category': { type: 'keyword', array: true },
  'event.type': { type: 'keyword', array: true },
  'event.action': { type: 'keyword' },
  'event.outcome': { type: 'keyword' },
  'event.reason': { type: 'keyword' },
  'event.dataset': { type: 'keyword' },
  'event.module': { type: 'keyword' },
  'event.provider': { type: 'keyword' },
  'event.code': { type: 'keyword' },
  'event.duration': { type: 'long' },
  'event.timezone': { type: 'keyword' },
  'source.ip': { type: 'ip' },
  'source.address': { type: 'keyword' },
  'source.domain': { type: 'keyword' },
  'source.port': { type: 'long' },
  'source.geo.country_iso_code': { type: 'keyword' },
  'source.geo.region_iso_code': { type: 'keyword' },
  'source.geo.city_name': { type: 'keyword' },
  'source.geo.timezone': { type: 'keyword' },
  'source.geo.location': { type: 'geo_point' },
  'source.as.number': { type: 'long' },
  'source.as.organization.name': { type: 'keyword' },
  'client.ip': { type: 'ip' },
  'destination.ip': { type: 'ip' },
  'destination.address': { type: 'keyword' },
  'destination.port': { type: 'long' },
  'destination.domain': { type: 'keyword' },
  'user.id': { type: 'keyword' },
  'user.name': { type: 'keyword' },
  'user.email': { type: 'keyword' },
  'user.roles': { type: 'keyword', array: true },
  'http.version': { type: 'keyword' },
  'http.request.method': { type: 'keyword' },
  'http.request.id': { type: 'keyword' },
  'http.request.referrer': { type: 'keyword' },
  'http.request.bytes': { type: 'long' },
  'http.request.body.bytes': { type: 'long' },
  'http.response.status_code': { type: 'long' },
  'http.response.bytes': { type: 'long' },
  'http.response.body.bytes': { type: 'long' },
  'http.response.mime_type': { type: 'keyword' },
  'url.original': { type: 'keyword' },
  'url.scheme': { type: 'keyword' },
  'url.domain': { type: 'keyword' },
  'url.port': { type: 'long' },
  'url.path': { type: 'keyword' },
  'url.query': { type: 'keyword' },
  'url.extension': { type: 'keyword' },
  'url.username': { type: 'keyword' },
  'user_agent.original': { type: 'keyword' },
  'user_agent.name': { type: 'keyword' },
  'user_agent.version': { type: 'keyword' },
  'user_agent.os.name': { type: 'keyword' },
  'user_agent.os.version': { type: 'keyword' },
  'user_agent.os.full': { type: 'keyword' },
  'user_agent.device.name': { type: 'keyword' },
  'service.name': { type: 'keyword' },
  'host.name': { type: 'keyword' },
  'process.name': { type: 'keyword' },
  'process.pid': { type: 'long' },
  'trace.id': { type: 'keyword' },
  'log.level': { type: 'keyword' },
  'tls.version': { type: 'keyword' },
  'tls.cipher': { type: 'keyword' },
  'error.message': { type: 'keyword' },
  'event.original': { type: 'keyword' },
  message: { type: 'keyword' },
  /** First of user id, user name, else `source.ip`: who made the call, as far as the log tells. */
  'gatewatch.principal': { type: 'keyword' },
  /** `url.path` with its object ids replaced: `/users/{id}`. */
  'gatewatch.route': { type: 'keyword' },
  /** `url.path` and `url.query`, percent-decoded up to twice, lower case not applied: what an attacker meant, for signature rules. */
  'gatewatch.url.decoded': { type: 'keyword' },
  /** Class of `source.ip` by IANA's special registries: public, private, loopback, link_local, reserved. */
  'gatewatch.source.network_class': { type: 'keyword' },
  'gatewatch.source.bot': { type: 'boolean' },
  /** The crawler that the user agent claims to be, and whether `source.ip` is one of its addresses: verified, spoofed or unknown. */
  'gatewatch.source.crawler': { type: 'keyword' },
  'gatewatch.source.crawler_verdict': { type: 'keyword' },
  /** Seconds with fraction that upstreams took, as nginx writes it. */
  'gatewatch.upstream.response_time': { type: 'double' },
  'gatewatch.upstream.address': { type: 'keyword' },
  'gatewatch.upstream.status_code': { type: 'long' },
  /** Radius in kilometres within which `source.geo.location` is right, as the geography data say. */
  'gatewatch.source.geo.accuracy_km': { type: 'long' },
  /** The object that the call is about: the last id of the path that `gatewatch.route` shows as a placeholder. */
  'gatewatch.object.id': { type: 'keyword' },
  /** The id of a query parameter that speaks of the same object as the path and names another: 18 of `/users/17?user_id=18`. */
  'gatewatch.object.other_id': { type: 'keyword' },
  /** What kind of route it is: admin, login, debug, export, payment and what the configuration adds. */
  'gatewatch.route_labels': { type: 'keyword', array: true },
  /** Version of the API that the path names: v1. */
  'gatewatch.api.version': { type: 'keyword' },
  /** Whether the route is in the OpenAPI file of its source; absent where no file is given. */
  'gatewatch.api.documented': { type: 'boolean' },
  /** password, token, api_key, session, mtls, sso … */
  'gatewatch.auth.method': { type: 'keyword' },
  'gatewatch.auth.mfa': { type: 'boolean' },
  /** Keyed hashes: they can be counted and not be used. */
  'gatewatch.token.id': { type: 'keyword' },
  'gatewatch.session.id': { type: 'keyword' },
  'gatewatch.api_key.id': { type: 'keyword' },
  /** hosting, vpn, tor, relay, mobile: what kind of network `source.ip` belongs to. */
  'gatewatch.source.as.class': { type: 'keyword' },
  /** Names of the operator's watch lists that hold `source.ip`, and that hold the user. */
  'gatewatch.source.lists': { type: 'keyword', array: true },
  'gatewatch.user.lists': { type: 'keyword', array: true },
  /** Tenant. */
  'organization.id': { type: 'keyword' },
  /** The entry of a threat feed that `source.ip` falls under. */
  'threat.indicator.ip': { type: 'ip' },
  'threat.indicator.provider': { type: 'keyword' },
  'threat.indicator.confidence': { type: 'keyword' },
  /** Rule of the device that judged the request (ModSecurity, a firewall in CEF), not one of Gatewatch's own. */
  'rule.id': { type: 'keyword' },
  'rule.name': { type: 'keyword' },
} as const satisfies Record<string, Omit<Field, 'name'>>;

export type FieldName = keyof typeof table;

/** Every field of the table, in slot order. */
export const fields: readonly Field[] = Object.entries(table).map(([name, field]) => ({ name, ...field }));

/** Index of each field in {@link Event.values}. */
export const slot = Object.fromEntries(fields.map(({ name }, index) => [name, index])) as Record<FieldName, number>;

/**
 * Gives every field name an index. Names of the table keep theirs; others (a field that only a user's rule knows) get the next free one,
 * so that parsers of structured logs can fill them too. Made once at start and shared by ingest and detection.
 */
export class FieldIndex {
  readonly #slots = new Map<string, number>(fields.map(({ name }, index) => [name, index]));

  /** Number of slots handed out so far: the length of an event's `values`. */
  get size(): number {
    return this.#slots.size;
  }

  /** The slot of a field, made if it is new. */
  slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const made = this.#slots.size;
    this.#slots.set(name, made);
    return made;
  }

  /** The slot of a field that has one already. */
  find(name: string): number | undefined {
    return this.#slots.get(name);
  }

  names(): string[] {
    return [...this.#slots.keys()];
  }
}
