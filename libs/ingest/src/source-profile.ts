import type { RouteTable } from './derived/openapi/route-table.js';
import type { Redaction } from './redact/redaction.js';

/** What a source's settings say of its events, made once. */
export interface SourceProfile {
  /** Names of the request headers that HAProxy captures, in their order. */
  readonly capturedHeaders?: readonly string[];
  /** The operator's own word on what is secret. */
  readonly redaction?: Redaction;
  /** Routes of the API's description. */
  readonly routes?: RouteTable;
}
