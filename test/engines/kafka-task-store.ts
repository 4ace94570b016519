import type { Checkpoint, Draft, JournalEntry, StateWriter, TaskStore } from '#detection';
import type { Signal } from '#ecs';
import type { EntryWriter, TaskState } from '#kafka';

interface Facts {
  readonly position: number;
  readonly notes: Readonly<Record<string, string>>;
  /** Number of the newest entry of the journal. */
  readonly sequence: number;
}

const nothing: Facts = { position: 0, notes: {}, sequence: 0 };
const stateKey = 's';
const journalKey = 'j/';

/** The embedded mode's port over what the distributed mode saves its tasks with: that port's contract then holds for `TaskState`, too. */
export class KafkaTaskStore implements TaskStore {
  readonly #entries = new Map<string, Uint8Array>();
  #journal: JournalEntry[] = [];
  #facts: Facts;
  #last: Promise<void> = Promise.resolve();
  readonly #grown = new EventTarget();

  constructor(private readonly state: TaskState<Facts>) {
    this.#facts = state.facts ?? nothing;
    for (const [key, value] of state.entries) {
      if (key.startsWith(journalKey)) {
        const signal = JSON.parse(Buffer.from(value).toString()) as Signal;
        this.#journal.push({ sequence: Number(key.slice(journalKey.length)), signal });
      } else this.#entries.set(JSON.parse(key.slice(stateKey.length)) as string, value);
    }
    this.#journal.sort((one, other) => one.sequence - other.sequence);
    state.entries = new Map();
  }

  position(): number {
    return this.#facts.position;
  }

  note(key: string): string | undefined {
    return this.#facts.notes[key];
  }

  entries(): Iterable<[string, Uint8Array]> {
    return this.#entries;
  }

  draft(): Draft {
    const changed = new Map<string, Uint8Array | undefined>();
    return {
      into: { put: (key, value) => changed.set(key, Uint8Array.from(value)), remove: (key) => changed.set(key, undefined) },
      commit: (checkpoint) => this.#commit(checkpoint, changed),
    };
  }

  commit(checkpoint: Checkpoint, write: (into: StateWriter) => void): Promise<void> {
    const draft = this.draft();
    write(draft.into);
    return draft.commit(checkpoint);
  }

  #commit({ position, signals, notes }: Checkpoint, changed: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
    return this.#save({ position, ...(notes && { notes }) }, signals, (into) => {
      for (const [key, value] of changed) {
        // A lone surrogate has no UTF-8: JSON writes it as an escape.
        const name = stateKey + JSON.stringify(key);
        if (value) into.put(name, value);
        else into.remove(name);
      }
      return () => {
        for (const [key, value] of changed) {
          if (value) this.#entries.set(key, value);
          else this.#entries.delete(key);
        }
      };
    });
  }

  tell(signals: readonly Signal[]): Promise<void> {
    return this.#save({}, signals, () => () => undefined);
  }

  journal(after: number, limit: number): JournalEntry[] {
    return this.#journal.filter(({ sequence }) => sequence > after).slice(0, limit);
  }

  async waitForJournal(after: number, signal: AbortSignal): Promise<void> {
    while (this.#facts.sequence <= after && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#grown.addEventListener('grown', () => resolve(), { once: true });
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  trimJournal(upTo: number): Promise<void> {
    return this.#save({}, [], (into) => {
      for (const { sequence } of this.#journal) if (sequence <= upTo) into.remove(journalKey + sequence);
      return () => (this.#journal = this.#journal.filter(({ sequence }) => sequence > upTo));
    });
  }

  /** One transaction after the other. What `write` returns is done when Kafka has it. */
  #save(facts: Partial<Facts>, signals: readonly Signal[], write: (into: EntryWriter) => () => void): Promise<void> {
    const turn = async (): Promise<void> => {
      const { sequence: before } = this.#facts;
      const next = { ...this.#facts, ...facts, sequence: before + signals.length };
      const told = signals.map((signal, at): JournalEntry => ({ sequence: before + at + 1, signal }));
      let done = (): void => undefined;
      await this.state.commit(next, [], (into) => {
        for (const { sequence, signal } of told) into.put(journalKey + sequence, Buffer.from(JSON.stringify(signal)));
        done = write(into);
      });
      done();
      this.#facts = next;
      this.#journal.push(...told);
      this.#grown.dispatchEvent(new Event('grown'));
    };
    return (this.#last = this.#last.then(turn, turn));
  }
}
