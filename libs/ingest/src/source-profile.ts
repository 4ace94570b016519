import { clientPolicy, type ClientPolicy } from './client/client-address.js';
import { buildRouteTable, type RouteTable } from './derived/openapi/route-table.js';
import type { Redaction } from './redact/redaction.js';
import { ServiceError } from '#telemetry';
import type { SourceSettings } from './source.js';

/** What a source's settings say of its events, made once. */
export interface SourceProfile {
  /** Whom to believe about the caller's address. */
  readonly client?: ClientPolicy;
  /** Names of the request headers that HAProxy captures, in their order. */
  readonly capturedHeaders?: readonly string[];
  /** The operator's own word on what is secret. */
  readonly redaction?: Redaction;
  /** Routes of the API's description. */
  readonly routes?: RouteTable;
}

/** The profile of a source, or nothing where its settings ask for nothing. @throws ServiceError `source_invalid` naming the source. */
export function profileOf(
  { name, trustedProxies = [], clientAddress, capturedHeaders, api }: SourceSettings,
  redaction?: Redaction,
): SourceProfile | undefined {
  if (trustedProxies.length === 0 && !capturedHeaders && !api && !redaction) return undefined;
  const client = trustedProxies.length === 0 ? undefined : clientPolicy({ trusted: trustedProxies, header: clientAddress });
  if (typeof client === 'string') throw new ServiceError('source_invalid', `Source "${name}": ${client}.`);
  return {
    ...(client && { client }),
    ...(capturedHeaders && { capturedHeaders: capturedHeaders.map((header) => header.toLowerCase()) }),
    ...(redaction && { redaction }),
    ...(api && { routes: buildRouteTable(api) }),
  };
}
