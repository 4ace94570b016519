import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { silentLogger } from '#telemetry';
import { eventSinkContract } from '../../ingest/src/event-sink.contract.js';
import { eventStoreContract } from '../../query/src/event-store.contract.js';
import { openLocalEngine, type LocalEngine, type LocalSettings } from './engine.js';

const root = mkdtempSync(join(tmpdir(), 'gatewatch-local-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;

interface Opened<T> {
  readonly engine: () => LocalEngine;
  readonly part: T;
  reopen(): Promise<T>;
  close(): Promise<void>;
}

async function open<T>(pick: (engine: LocalEngine) => T, settings: Partial<LocalSettings> = {}): Promise<Opened<T>> {
  const dir = join(root, `${directories++}`);
  let engine = await openLocalEngine({ dir, logger: silentLogger, settings });
  return {
    engine: () => engine,
    part: pick(engine),
    reopen: async () => {
      await engine.close();
      engine = await openLocalEngine({ dir, logger: silentLogger, settings });
      return pick(engine);
    },
    close: () => engine.close(),
  };
}

async function storedBy({ events }: LocalEngine): Promise<{ events: number; deadLetters: number }> {
  const counts = await events.counts();
  return { events: counts.events, deadLetters: counts.deadLetters };
}

// Small stretches go to the hot table, large ones become files: both ways must be the same from outside.
for (const segmentRows of [1_000_000, 1]) {
  eventSinkContract(async () => {
    const { part, engine, ...rest } = await open(({ events }) => events, { segmentRows });
    return { sink: part, ...rest, stored: () => storedBy(engine()) };
  });

  eventStoreContract(async () => {
    const { part, engine, close } = await open(({ events }) => events, { segmentRows });
    return {
      store: part,
      close,
      put: (events, deadLetters = []) => {
        const from = engine().events.mark();
        return engine().events.append({
          from,
          to: from + events.length + deadLetters.length,
          events,
          deadLetters,
          duplicates: [],
          blank: {},
        });
      },
    };
  });
}
