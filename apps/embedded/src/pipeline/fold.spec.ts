import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Event, FieldIndex, slot, type Signal } from '#ecs';
import {
  buildDetector,
  defaultDetectorSettings,
  type Checkpoint,
  type Draft,
  type JournalEntry,
  type StateWriter,
  type TaskStore,
} from '#detection';
import { MemoryRecordLog, MemoryState, traffic, trafficGrace, trafficRules, type Happening } from '#testkit';
import { noMetrics, silentLogger } from '#telemetry';
import { Fold } from './fold.js';
import { Indexer } from './indexer.js';

const correlations = [
  { id: 'count', type: 'event_count', inputs: ['act0'], groupBy: ['source.ip'], timespan: 20, threshold: 2 },
  { id: 'values', type: 'value_count', inputs: ['act1'], groupBy: ['source.ip'], timespan: 30, threshold: 2, field: 'user.name' },
  { id: 'chain', type: 'temporal_ordered', inputs: ['count', 'act1'], groupBy: ['source.ip'], timespan: 40 },
];

/** What a task store holds on disk: nothing of a draft before it is committed. */
class Disk {
  readonly state = new MemoryState();
  readonly journal: Signal[] = [];
  position = 0;
}

class MemoryTaskStore implements TaskStore {
  /** After each checkpoint: what a crash would leave at that time. */
  readonly crashes: Disk[] = [];
  #last: Promise<void> = Promise.resolve();

  constructor(readonly disk = new Disk()) {}

  position = (): number => this.disk.position;
  note = (): undefined => undefined;
  entries = (): ReturnType<MemoryState['entries']> => this.disk.state.entries();
  journal = (): JournalEntry[] => [];
  waitForJournal = (): Promise<void> => Promise.resolve();
  trimJournal = (): Promise<void> => Promise.resolve();

  draft(): Draft {
    const changes: (readonly [string, Uint8Array?])[] = [];
    return {
      into: { put: (key, value) => void changes.push([key, Uint8Array.from(value)]), remove: (key) => void changes.push([key]) },
      commit: ({ position, signals }) =>
        this.#soon(() => {
          for (const [key, value] of changes) {
            if (value) this.disk.state.put(key, value);
            else this.disk.state.remove(key);
          }
          this.disk.journal.push(...signals);
          this.disk.position = position;
          this.crashes.push(copyOf(this.disk));
        }),
    };
  }

  commit(checkpoint: Checkpoint, write: (into: StateWriter) => void): Promise<void> {
    const draft = this.draft();
    write(draft.into);
    return draft.commit(checkpoint);
  }

  tell(signals: readonly Signal[]): Promise<void> {
    return this.#soon(() => void this.disk.journal.push(...signals));
  }

  /** As a disk: later, and in order. */
  #soon(write: () => void): Promise<void> {
    return (this.#last = this.#last.then(() => new Promise<void>((resolve) => setImmediate(resolve))).then(write));
  }
}

function copyOf({ state, journal, position }: Disk): Disk {
  const copy = new Disk();
  for (const [key, value] of state.entries()) copy.state.put(key, value);
  copy.journal.push(...journal);
  return Object.assign(copy, { position });
}

/** Folds a whole log and gives the newest revision of each signal that ever was on the disk. */
async function fold(log: MemoryRecordLog, tasks: MemoryTaskStore, happenings: readonly Happening[]): Promise<Map<string, Signal>> {
  const [index, logger] = [new FieldIndex(), silentLogger];
  let now = 0;
  const clock = { now: () => now++, sleep: () => Promise.resolve() };
  const detector = buildDetector({
    rules: trafficRules(correlations, 2),
    index,
    host: {
      resolve: ({ values }, at) => values[at],
      line: ({ offset }) => `line ${offset}`,
      recall: (offset) => eventOf(happenings[offset]!, offset),
    },
    state: tasks,
    settings: { ...defaultDetectorSettings, grace: () => trafficGrace },
  });
  const stored = { mark: () => Infinity, append: () => Promise.resolve(), balance: () => Promise.resolve({}) };
  const ending = new AbortController();
  const running = new Fold({
    log,
    tasks,
    ingest: {
      ingest: ({ offset, count, payload }, from) => {
        const batch = JSON.parse(Buffer.from(payload).toString()) as Happening[];
        const events = batch.map((happening, i) => eventOf(happening, offset + i)).filter((event) => event.offset >= from);
        return { from, to: offset + count, events, deadLetters: [], duplicates: [], blank: {} };
      },
      drifts: () => [],
      save: () => undefined,
    },
    detector,
    indexer: new Indexer({ sink: stored, log, clock, logger, reread: () => expect.unreachable() }),
    clock,
    logger,
    metrics: noMetrics,
    signalDelay: 2,
    checkpointEvery: 3,
  });
  const done = running.run(ending.signal);
  while (running.position < log.end()) await new Promise((resolve) => setImmediate(resolve));
  ending.abort();
  await done;
  const newest = new Map<string, Signal>();
  for (const signal of tasks.disk.journal) {
    if ((newest.get(signal.id)?.revision ?? 0) <= signal.revision) newest.set(signal.id, signal);
  }
  return newest;
}

function eventOf({ time, key, value, action }: Happening, offset: number): Event {
  const event = new Event(offset, 1000 + offset, 'web', { tag: 'abcdefghijkl', position: offset });
  event.time = event.stamp = time;
  event.values[slot['source.ip']] = key;
  event.values[slot['user.name']] = value;
  event.values[slot['event.action']] = action;
  return event;
}

describe('the fold', () => {
  it('finds after a crash at any checkpoint what it would have found without, though events go on while checkpoints are gathered', async () => {
    await fc.assert(
      fc.asyncProperty(traffic(2), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 9 }), async (events, sizes) => {
        const log = new MemoryRecordLog();
        for (let at = 0, i = 0; at < events.length; i++) {
          const some = events.slice(at, (at += sizes[i % sizes.length]!));
          await log.append([{ source: 'web', arrival: 0, count: some.length, payload: Buffer.from(JSON.stringify(some)) }]);
        }
        const calm = new MemoryTaskStore();
        const expected = await fold(log, calm, events);
        for (const disk of calm.crashes) expect(await fold(log, new MemoryTaskStore(copyOf(disk)), events)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});
