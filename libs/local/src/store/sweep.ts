import { Event, type FieldIndex, type FieldValue, type JsonObject } from '#ecs';
import { fieldColumns, fixedColumns } from './columns.js';
import type { Row } from './messages.js';

/** Which stored events are read in log order, and how much of each. */
export interface Sweep {
  /** Event time, in milliseconds; from is inclusive, to exclusive. */
  readonly from?: number;
  readonly to?: number;
  /** Slots that are wanted; all where this is left out. Fields beyond the table always come. */
  readonly slots?: ReadonlySet<number>;
  /** Gives slots to fields beyond the table; left out: the index of the store. */
  readonly index?: FieldIndex;
}

interface Taken {
  readonly slot: number;
  readonly kind: 'plain' | 'list' | 'point';
  /** Place among the columns asked for. */
  readonly at: number;
}

/** The columns that are asked for, and which slot each fills. */
export interface SweepPlan {
  readonly columns: readonly number[];
  readonly taken: readonly Taken[];
}

const fixed = fixedColumns.length;

export function planOf(slots: ReadonlySet<number> | undefined): SweepPlan {
  const columns = fixedColumns.map((_, at) => at);
  const taken: Taken[] = [];
  fieldColumns.forEach(({ storage, at }, slot) => {
    if (at < 0 || (slots && !slots.has(slot))) return;
    const kind = storage === 'list' || storage === 'point' ? storage : 'plain';
    taken.push({ slot, kind, at: columns.length });
    columns.push(at);
    if (kind === 'point') columns.push(at + 1);
  });
  return { columns, taken };
}

/** The event as it was when it was stored, as far as the plan goes. */
export function sweptEvent(row: Row, { taken }: SweepPlan, index: FieldIndex): Event {
  const [time, stamp, offset, arrival, source, tag, position, own, rest, extra] = row.slice(0, fixed);
  const identity = { tag: (tag ?? '') as string, position: position as number, ...(own !== null && { own: own as string }) };
  const event = new Event(offset as number, arrival as number, (source ?? '') as string, identity, index.size);
  event.time = time as number;
  event.stamp = stamp as number;
  for (const { slot, kind, at } of taken) {
    const value = row[at];
    if (value === null || value === undefined) continue;
    if (kind === 'plain') event.values[slot] = value as FieldValue;
    else if (kind === 'list') event.values[slot] = JSON.parse(value as string) as readonly string[];
    else event.values[slot] = { lat: value as number, lon: row[at + 1] as number };
  }
  if (rest)
    for (const [name, value] of Object.entries(JSON.parse(rest as string) as JsonObject))
      event.values[index.slot(name)] = value as FieldValue;
  if (extra) event.extra = JSON.parse(extra as string) as JsonObject;
  return event;
}
