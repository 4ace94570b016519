import type { DeadLetter, Event } from '#ecs';
import type { Ingested, SourceBalance } from '#ingest';

/** An event whose document is text already: it is forwarded byte for byte. */
export interface WrittenEvent {
  readonly id: string;
  /** Whether the id is the sender's own: then the same id at another offset is a duplicate, not a repetition. */
  readonly own: boolean;
  readonly source: string;
  /** `gatewatch.offset` in the document. */
  readonly offset: number;
  readonly document: string | Uint8Array;
}

/** What became of a stretch of a log, with events as they are or as text. */
export interface Stretch extends Omit<Ingested, 'events'> {
  readonly events: readonly (Event | WrittenEvent)[];
}

/** A stretch from an offset on. What lies before is stored, its empty lines too: a stretch does not say where they were. */
export function cutAt(stretch: Stretch, from: number): Stretch {
  if (from <= stretch.from) return stretch;
  const later = ({ offset }: { readonly offset: number }): boolean => offset >= from;
  return {
    from,
    to: stretch.to,
    events: stretch.events.filter(later),
    deadLetters: stretch.deadLetters.filter(later),
    duplicates: stretch.duplicates.filter(later),
    blank: {},
  };
}

/** Stretches that follow each other. */
export function joined(stretches: readonly Stretch[]): Stretch {
  const [first] = stretches;
  if (stretches.length === 1) return first!;
  const blank: Record<string, number> = {};
  for (const stretch of stretches) {
    for (const [source, amount] of Object.entries(stretch.blank)) blank[source] = (blank[source] ?? 0) + amount;
  }
  return {
    from: first!.from,
    to: stretches.at(-1)!.to,
    events: stretches.flatMap(({ events }) => events),
    deadLetters: stretches.flatMap(({ deadLetters }): readonly DeadLetter[] => deadLetters),
    duplicates: stretches.flatMap(({ duplicates }) => duplicates),
    blank,
  };
}

export type Balance = Readonly<Record<string, SourceBalance>>;
type Outcome = keyof SourceBalance;

/** Counts by source and outcome. */
export class Tally {
  readonly #counts = new Map<string, Record<Outcome, number>>();

  add(source: string, outcome: Outcome, amount = 1): void {
    let found = this.#counts.get(source);
    if (!found) this.#counts.set(source, (found = { stored: 0, deadLettered: 0, duplicate: 0, blank: 0 }));
    found[outcome] += amount;
  }

  static of(balance: Balance): Tally {
    const tally = new Tally();
    for (const [source, counts] of Object.entries(balance)) tally.#counts.set(source, { ...counts });
    return tally;
  }

  addTo(balance: Balance): Balance {
    const sum: Record<string, SourceBalance> = { ...balance };
    for (const [source, counts] of this.#counts) {
      const before = sum[source];
      sum[source] = before
        ? {
            stored: before.stored + counts.stored,
            deadLettered: before.deadLettered + counts.deadLettered,
            duplicate: before.duplicate + counts.duplicate,
            blank: before.blank + counts.blank,
          }
        : { ...counts };
    }
    return sum;
  }
}
