import type { Database } from 'lmdb';
import type { Checkpoint, Draft, JournalEntry, StateWriter, TaskStore } from '#detection';
import type { Signal } from '#ecs';
import type { Committer } from './committer.js';
import { KeyedBytes } from './keyed.js';
import { ShardedState, type StateChange } from './sharded-state.js';
import { Waiters } from './waiters.js';

/** The detector's state, position and signal journal in lmdb: one transaction a checkpoint. */
export class LmdbTaskStore implements TaskStore {
  readonly #state: ShardedState;
  readonly #notes: KeyedBytes;
  readonly #journal: Database<Signal, number>;
  readonly #numbers: Database<number, string>;
  readonly #waiters = new Waiters();
  #sequence: number;

  constructor(private readonly committer: Committer) {
    this.#state = new ShardedState(committer);
    this.#notes = new KeyedBytes(committer, 'task.notes');
    this.#journal = committer.database('task.journal', 'json');
    this.#numbers = committer.database('task.numbers', 'json');
    this.#sequence = this.#numbers.get('sequence') ?? 0;
  }

  position(): number {
    return this.#numbers.get('position') ?? 0;
  }

  note(key: string): string | undefined {
    return this.#notes.get(key)?.toString();
  }

  entries(): Iterable<readonly [key: string, value: Uint8Array]> {
    return this.#state.entries();
  }

  draft(): Draft {
    const { into, write, done } = this.#state.change();
    return {
      into,
      commit: ({ position, signals, notes }) =>
        this.#append(signals, {
          write: () => {
            write();
            if (notes) this.#replaceNotes(notes);
            this.#numbers.putSync('position', position);
          },
          done,
        }),
    };
  }

  commit(checkpoint: Checkpoint, write: (into: StateWriter) => void): Promise<void> {
    const draft = this.draft();
    write(draft.into);
    return draft.commit(checkpoint);
  }

  tell(signals: readonly Signal[]): Promise<void> {
    return this.#append(signals);
  }

  #append(signals: readonly Signal[], beside?: Pick<StateChange, 'write' | 'done'>): Promise<void> {
    const added = [...signals];
    let sequence = 0;
    return this.committer.commit({
      write: () => {
        beside?.write();
        sequence = this.#numbers.get('sequence') ?? 0;
        for (const signal of added) this.#journal.putSync(++sequence, signal);
        this.#numbers.putSync('sequence', sequence);
      },
      done: () => {
        beside?.done();
        this.#sequence = Math.max(this.#sequence, sequence);
        this.#waiters.reached(this.#sequence);
      },
    });
  }

  #replaceNotes(notes: Readonly<Record<string, string>>): void {
    for (const [key] of [...this.#notes.entries()]) if (!Object.hasOwn(notes, key)) this.#notes.remove(key);
    for (const [key, value] of Object.entries(notes)) this.#notes.put(key, Buffer.from(value));
  }

  journal(after: number, limit: number): JournalEntry[] {
    const found: JournalEntry[] = [];
    for (const { key, value } of this.#journal.getRange({ start: after + 1, end: this.#sequence + 1, limit }))
      found.push({ sequence: key, signal: value });
    return found;
  }

  waitForJournal(after: number, signal: AbortSignal): Promise<void> {
    return this.#sequence > after ? Promise.resolve() : this.#waiters.wait(after, signal);
  }

  trimJournal(sequence: number): Promise<void> {
    const gone = [...this.#journal.getKeys({ end: Math.min(sequence, this.#sequence) + 1 })];
    return this.committer.commit({
      write: () => {
        for (const key of gone) this.#journal.removeSync(key);
      },
    });
  }
}
