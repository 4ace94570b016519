/** What came of one block of an input. */
export interface ReadPart<E> {
  readonly events: readonly E[];
}

/** One input on its way: how to get more of it. */
export interface Cursor<E> {
  readonly next: () => Promise<ReadPart<E> | undefined>;
}

interface Held<E> {
  readonly cursor: Cursor<E>;
  events: readonly E[];
  at: number;
}

/**
 * Brings several inputs together in event time, so that a rotated file named first is not "late". Each input keeps its own order; memory holds one block of each.
 */
export async function mergeByTime<E extends { readonly time: number }>(
  cursors: readonly Cursor<E>[],
  take: (event: E) => void,
): Promise<void> {
  const held: Held<E>[] = [];
  for (const cursor of cursors) {
    const one: Held<E> = { cursor, events: [], at: 0 };
    if (await refill(one)) held.push(one);
  }
  while (held.length > 0) {
    const earliest = held.reduce((best, other) => (other.events[other.at]!.time < best.events[best.at]!.time ? other : best));
    const bound =
      held.length === 1 ? Infinity : Math.min(...held.filter((other) => other !== earliest).map((other) => other.events[other.at]!.time));
    // As long as this input is not overtaken, its events go straight through.
    const { events } = earliest;
    do take(events[earliest.at++]!);
    while (earliest.at < events.length && events[earliest.at]!.time <= bound);
    if (earliest.at === events.length && !(await refill(earliest))) held.splice(held.indexOf(earliest), 1);
  }
}

async function refill<E>(held: Held<E>): Promise<boolean> {
  for (;;) {
    const part = await held.cursor.next();
    if (!part) return false;
    if (part.events.length === 0) continue;
    held.events = part.events;
    held.at = 0;
    return true;
  }
}
