import type { Failure } from '../failure.js';
import type { LogEvent } from '../log-event.js';
import type { Zone } from '../stamps/zone.js';

/** What a parser knows beside the line. */
export interface Scope {
  /** Zone of stamps that name none. */
  readonly zone: Zone | undefined;
  /** When the batch was accepted. */
  readonly arrival: number;
  /** Time of the frame (syslog, a container's log) around the line: it stands in where the line tells none. */
  readonly framed?: number;
}

/** Fills the event from its line, stamp included, or says why that is not possible. Nothing but line and scope decides the result. */
export type Parse = (line: string, event: LogEvent, scope: Scope) => Failure | undefined;

/** One log format. */
export interface Format {
  readonly name: string;
  readonly parse: Parse;
}
