import type { FieldName } from '#ecs';
import type { LogEvent } from '../log-event.js';

/** Fills one or several fields from others of the same event; asked only when one of them is read. */
export interface Provider {
  readonly fields: readonly FieldName[];
  /** Most events get few of its fields: room is made only for those that were asked for. */
  readonly sparse?: true;
  /** What must be there first, if another makes it. */
  readonly reads?: readonly FieldName[] | undefined;
  readonly fill: (event: LogEvent) => void;
}
