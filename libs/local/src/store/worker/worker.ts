import { parentPort, workerData } from 'node:worker_threads';
import type { Counts, Failure, Opened, Request, Requests, WorkerSettings } from '../messages.js';
import { append, putSignals } from './append.js';
import { Database, rowsOf } from './database.js';
import { failure } from './failure.js';
import { Gate } from './gate.js';
import { events, rowsAt, tableRows } from './read.js';
import { sweep } from './sweep.js';
import { maintain, retain } from './upkeep.js';

/** The thread of the event store. Appends run one after another, searches beside them, upkeep on a connection of its own. */
type Handlers = { [Name in keyof Requests]: (...args: Parameters<Requests[Name]>) => Promise<ReturnType<Requests[Name]>> };

const port = parentPort!;
const database = new Database(workerData as WorkerSettings);
const gate = new Gate();
let writing: Promise<unknown> = Promise.resolve();
let upkeep: Promise<unknown> = Promise.resolve();

/** One write at a time; a failed one leaves a database that is known to be sound. */
function written<T>(work: () => Promise<T>): Promise<T> {
  const next = writing.then(async () => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OutOfStep)) await reopen();
      throw error;
    }
  });
  writing = next.catch(() => undefined);
  return next;
}

function kept<T>(work: () => Promise<T>): Promise<T> {
  const next = upkeep.then(work);
  upkeep = next.catch(() => undefined);
  return next;
}

function reopen(): Promise<void> {
  return kept(() => gate.alone(() => database.reopen()));
}

/** A disk that filled up during upkeep can leave the engine unusable until it is opened again. */
async function repaired<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await (writing = writing.then(reopen).catch(() => undefined));
    throw error;
  }
}

class OutOfStep extends Error {}

const handlers: Handlers = {
  append: (stretch) =>
    written(async () => {
      if (stretch.from !== database.mark)
        throw new OutOfStep(`store_gap: the store has everything before offset ${database.mark}, the stretch begins at ${stretch.from}.`);
      await append(database, stretch);
      return { mark: database.mark };
    }),
  putSignals: (signals, mark) =>
    written(async () => {
      await putSignals(database, signals, mark);
      return undefined;
    }),
  marks: () => written(async () => ({ mark: database.mark, signalMark: database.signalMark })),
  balance: () => gate.reading(balance),
  events: (query) => gate.reading(() => events(database, query)),
  eventsAt: (offsets) => gate.reading(() => rowsAt(database, offsets)),
  sweep: (query) => gate.reading(() => sweep(database, query)),
  table: (name, query) => gate.reading(() => tableRows(database, name, query)),
  maintain: (now) =>
    repaired(
      kept(async () => {
        await maintain(database, gate, now);
        const { segments, hotRows } = await counts();
        return { segments, hotRows };
      }),
    ),
  retain: (before) =>
    repaired(
      kept(async () => {
        await retain(database, gate, before);
        return { segments: database.segments.length };
      }),
    ),
  counts: () => gate.reading(counts),
  close: async () => {
    await Promise.all([writing, upkeep]);
    await gate.alone(async () => database.close());
    return undefined;
  },
};

async function balance(): Promise<Record<string, Counts>> {
  const rows = await rowsOf(
    database.reader,
    'SELECT source, stored::DOUBLE, dead_lettered::DOUBLE, duplicate::DOUBLE, blank::DOUBLE FROM balance',
  );
  return Object.fromEntries(rows.map(([source, ...amounts]) => [source as string, amounts as unknown as Counts]));
}

async function counts(): Promise<ReturnType<Requests['counts']>> {
  const [row] = await rowsOf(database.reader, 'SELECT (SELECT count(*) FROM hot)::DOUBLE, (SELECT count(*) FROM dead_letters)::DOUBLE');
  const [hotRows, deadLetters] = row as [number, number];
  const inFiles = database.segments.reduce((sum, { rows }) => sum + rows, 0);
  return { events: hotRows + inFiles, deadLetters, segments: database.segments.length, hotRows };
}

async function answer({ id, name, args }: Request): Promise<void> {
  try {
    const handler = handlers[name] as (...given: readonly unknown[]) => Promise<unknown>;
    port.postMessage({ id, result: await handler(...args) });
  } catch (error) {
    port.postMessage({ id, failure: error instanceof OutOfStep ? outOfStep(error) : failure(error) });
  }
}

function outOfStep(error: OutOfStep): Failure {
  return { code: 'store_gap', message: error.message, retryable: true };
}

try {
  await database.open();
  const opened: Opened = { mark: database.mark, signalMark: database.signalMark };
  port.on('message', (request: Request) => void answer(request));
  port.postMessage({ id: 0, result: opened });
} catch (error) {
  port.postMessage({ id: 0, failure: failure(error) });
}
