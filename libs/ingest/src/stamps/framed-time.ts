import type { Failure } from '../failure.js';
import type { Scope } from '../formats/format.js';
import type { LogEvent } from '../log-event.js';
import type { Stamp } from './stamp.js';

/** Sets the line's own time. One that names no zone is left to the time of the frame around the line, where there is one. */
export function takeStamp(event: LogEvent, stamp: Stamp, { framed }: Scope): Failure | undefined {
  if (typeof stamp === 'number') event.stamp = stamp;
  else if (framed !== undefined && stamp.reason === 'time_zone_unknown') event.stamp = framed;
  else return stamp;
  return undefined;
}

/** For lines that tell no time: that of their frame, else the arrival, which is as near as it can be told. */
export function takeFrameTime(event: LogEvent, { framed, arrival }: Scope): void {
  event.stamp = framed ?? arrival;
}
