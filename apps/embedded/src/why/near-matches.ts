import type { Shortfall } from '#detection';
import type { Event, FieldValue } from '#ecs';
import { asText } from './entity.js';

/** Events of the entity that did not match, alike in what was missing. */
export interface NearMatch {
  readonly detection: string;
  readonly events: number;
  readonly failed: readonly { readonly field: string; readonly expected: string; readonly excluded: boolean; readonly found: string }[];
  /** True where nothing but filters, exceptions or a `not` of the rule stood against it. */
  readonly excluded: boolean;
  /** The first such event. */
  readonly example: { readonly time: string; readonly offset: number; readonly line?: string };
}

interface Kind {
  readonly detection: string;
  readonly failed: NearMatch['failed'];
  readonly example: NearMatch['example'];
  events: number;
}

const mostKinds = 500;
const shownLength = 120;

/** Gathers what kept events from matching: by kind, those that lacked least first. */
export class NearMatches {
  readonly #kinds = new Map<string, Kind>();
  #excluded = 0;

  constructor(private readonly names: () => readonly string[]) {}

  /** Events that only a filter, an exception or a `not` kept from matching. */
  get excluded(): number {
    return this.#excluded;
  }

  add(detection: string, failed: readonly Shortfall[], { event, line }: { event: Event; line: () => string | undefined }): void {
    if (failed.every(({ excluded }) => excluded)) this.#excluded++;
    const key = detection + failed.map(({ slot, expected, excluded }) => `|${slot} ${excluded ? '!' : ''}${expected}`).join('');
    const known = this.#kinds.get(key);
    if (known) known.events++;
    else if (this.#kinds.size < mostKinds) {
      const names = this.names();
      const shown = failed.map(({ slot, expected, excluded, found }) => ({
        field: names[slot] ?? 'any text',
        expected,
        excluded,
        found: brief(found),
      }));
      const text = line();
      const example = { time: new Date(event.time).toISOString(), offset: event.offset, ...(text !== undefined && { line: text }) };
      this.#kinds.set(key, { detection, failed: shown, example, events: 1 });
    }
  }

  list(limit: number): NearMatch[] {
    const all = [...this.#kinds.values()].sort((a, b) => a.failed.length - b.failed.length || b.events - a.events);
    return all.slice(0, limit).map((kind) => ({ ...kind, excluded: kind.failed.every(({ excluded }) => excluded) }));
  }
}

function brief(value: FieldValue): string {
  const text = asText(value);
  return text.length > shownLength ? `${text.slice(0, shownLength - 1)}…` : text;
}
