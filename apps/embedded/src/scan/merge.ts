import type { DeadLetter, Event } from '#ecs';
import type { Ingested } from '#ingest';

/** One input on its way through ingest: what it gave so far, and how to get more. */
export interface Cursor {
  readonly next: () => Promise<Ingested | undefined>;
}

export interface Outcomes {
  event(event: Event): void;
  deadLetter(letter: DeadLetter): void;
}

interface Held {
  readonly cursor: Cursor;
  events: readonly Event[];
  at: number;
}

/**
 * Brings several inputs together in event time, so that a rotated file named first is not "late". Each input keeps its own order; memory holds one block of each.
 */
export async function mergeByTime(cursors: readonly Cursor[], outcomes: Outcomes): Promise<void> {
  const held: Held[] = [];
  for (const cursor of cursors) {
    const one: Held = { cursor, events: [], at: 0 };
    if (await refill(one, outcomes)) held.push(one);
  }
  while (held.length > 0) {
    const earliest = held.reduce((best, other) => (other.events[other.at]!.time < best.events[best.at]!.time ? other : best));
    const bound =
      held.length === 1 ? Infinity : Math.min(...held.filter((other) => other !== earliest).map((other) => other.events[other.at]!.time));
    // As long as this input is not overtaken, its events go straight through.
    const { events } = earliest;
    do outcomes.event(events[earliest.at++]!);
    while (earliest.at < events.length && events[earliest.at]!.time <= bound);
    if (earliest.at === events.length && !(await refill(earliest, outcomes))) held.splice(held.indexOf(earliest), 1);
  }
}

async function refill(held: Held, outcomes: Outcomes): Promise<boolean> {
  for (;;) {
    const ingested = await held.cursor.next();
    if (!ingested) return false;
    for (const letter of ingested.deadLetters) outcomes.deadLetter(letter);
    if (ingested.events.length === 0) continue;
    held.events = ingested.events;
    held.at = 0;
    return true;
  }
}
