import { createHash } from 'node:crypto';
import { ServiceError } from '#telemetry';
import { clientPolicy } from './client/client-address.js';
import type { ClientHeader } from './client/client-headers.js';
import { buildRouteTable, type DocumentedPath } from './derived/openapi/route-table.js';
import type { JsonMapping } from './formats/json/mapping.js';
import type { FormatName, LogFormatKind } from './formats/format-names.js';
import type { LogEvent } from './log-event.js';
import type { Redaction } from './redact/redaction.js';
import type { SourceProfile } from './source-profile.js';
import type { Zone } from './stamps/zone.js';
import { parseZone } from './stamps/zone.js';

/** What is known of a source before its first line. */
export interface SourceSettings {
  readonly name: string;
  /** `auto` tells the formats apart line by line; a `logFormat` is what stands in nginx's `log_format`, Apache's `LogFormat` or a W3C log's `#Fields:`. */
  readonly format: 'auto' | FormatName | { readonly logFormat: string; readonly kind: LogFormatKind };
  /** IANA name or `±hh:mm`, for stamps that name no zone. */
  readonly timeZone?: string;
  /** `service.name` of its events, where the line names none. */
  readonly service?: string;
  /** Networks of proxies whose word on the caller's address is taken, and `private`. Without any, `source.ip` is the peer that the log has. */
  readonly trustedProxies?: readonly string[];
  /** The header by which they tell it; `x-forwarded-for` if absent. */
  readonly clientAddress?: ClientHeader;
  /** Names of the request headers that HAProxy captures, in their order. */
  readonly capturedHeaders?: readonly string[];
  /** Paths of the API's OpenAPI description. */
  readonly api?: readonly DocumentedPath[];
  /** How JSON logs of this source are to be read. */
  readonly mapping?: JsonMapping;
}

/** The zone of a source. @throws ServiceError `source_invalid` naming the source and what is wrong. */
export function zoneOf({ name, timeZone }: SourceSettings): Zone | undefined {
  if (timeZone === undefined) return undefined;
  const zone = parseZone(timeZone);
  if (zone) return zone;
  throw new ServiceError(
    'source_invalid',
    `Source "${name}": timeZone "${timeZone}" is neither ±hh:mm nor an IANA name such as Europe/Berlin.`,
  );
}

/** Puts the caller where the log has a proxy, if the source trusts any. @throws ServiceError `source_invalid` naming the source. */
export function clientOf({ name, trustedProxies = [], clientAddress }: SourceSettings): ((event: LogEvent) => void) | undefined {
  if (trustedProxies.length === 0) return undefined;
  const client = clientPolicy({ trusted: trustedProxies, header: clientAddress });
  if (typeof client === 'string') throw new ServiceError('source_invalid', `Source "${name}": ${client}.`);
  return client;
}

/** The profile of a source, or nothing where its settings ask for nothing. */
export function profileOf({ capturedHeaders, api }: SourceSettings, redaction?: Redaction): SourceProfile | undefined {
  if (!capturedHeaders && !api && !redaction) return undefined;
  return {
    ...(capturedHeaders && { capturedHeaders: capturedHeaders.map((header) => header.toLowerCase()) }),
    ...(redaction && { redaction }),
    ...(api && { routes: buildRouteTable(api) }),
  };
}

/** 12 characters of the base-32 alphabet of RFC 4648 in lower case (60 bits of a SHA-256) that name a thing which is read: a file's identity, a log. */
export function sourceTag(thing: string): string {
  const digest = createHash('sha256').update(thing).digest();
  let tag = '';
  for (let i = 0; i < 12; i++) {
    const bit = i * 5;
    const word = (digest[bit >> 3]! << 8) | digest[(bit >> 3) + 1]!;
    tag += alphabet[(word >> (11 - (bit & 7))) & 31];
  }
  return tag;
}
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** 22 characters (132 bits) for the sender's own id, which is unique only within the source. */
export function ownId(source: string, id: string): string {
  return createHash('sha256').update(source).update('\0').update(id).digest('base64url').slice(0, 22);
}
