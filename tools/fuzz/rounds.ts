import { parentPort, workerData } from 'node:worker_threads';
import { deadLetterDocument, FieldIndex, toDocument } from '#ecs';
import { buildEnrichers, buildIngest, formatNames, type Ingest } from '#ingest';
import { mutate, noise, randomFrom } from './mutate.js';
import { realLines } from './real-lines.js';

/** What a run is told. */
export interface FuzzTask {
  readonly seed: number;
  readonly folders: readonly string[];
  /** Format that sources declare; all, and none declared, if absent. */
  readonly format?: string;
  readonly firstRound: number;
  /** Rounds to run; without end if absent. */
  readonly rounds?: number;
}

/** A round begins: who hears nothing more knows where it hangs. */
export interface FuzzBeat {
  readonly round: number;
  readonly format: string;
  readonly lines: number;
  /** Events so far: where there are few, only the first steps of parsers are tried. */
  readonly events: number;
}

/** What must never happen. */
export interface FuzzFinding {
  readonly wrong: string;
  readonly round: number;
  readonly format: string;
  /** Base64. */
  readonly line: string;
}

const linesARound = 64;
const arrival = Date.UTC(2026, 10, 1);
/** Milliseconds of the processor that a line may take: far above what any does, far below what a square of its length does. */
const mayTake = (bytes: number): number => 250 + bytes / 500;

const task = workerData as FuzzTask;
const port = parentPort!;
const index = new FieldIndex();
const declared = task.format === undefined ? ['auto', ...formatNames] : [task.format];
const ingests = new Map(
  declared.map((format) => {
    const source = { name: 'fuzz', format, timeZone: 'UTC' } as never;
    return [
      format,
      () => buildIngest({ source: () => source, index, enrichers: buildEnrichers(), eager: 'all', keepOriginal: true }),
    ] as const;
  }),
);
const real = realLines(task.folders);
let made = 0;
const open = new Map<string, Ingest>();

function ingestOf(format: string, round: number): Ingest {
  // Anew from time to time: what a source has learned decides what is tried.
  if (round % 50 < declared.length || !open.has(format)) open.set(format, ingests.get(format)!());
  return open.get(format)!;
}

function linesOf(round: number, format: string): Buffer[] {
  const random = randomFrom(Math.imul(task.seed, 0x9e3779b1) ^ Math.imul(round, 0x85ebca6b));
  const own = real.of.get(format) ?? [];
  return Array.from({ length: linesARound }, () => {
    const kind = random();
    if (kind < 0.08) return noise(random);
    const from = own.length > 0 && random() < 0.8 ? own : real.all;
    const line = from[Math.floor(random() * from.length)]!;
    return kind < 0.2 ? Buffer.from(line) : mutate(line, from, random);
  });
}

/** Undefined, or what is wrong. */
function wrongWith(ingest: Ingest, lines: readonly Buffer[]): string | undefined {
  const payload = Buffer.from(lines.map((line) => line.toString('latin1')).join('\n') + '\n', 'latin1');
  const count = lines.length;
  const { events, deadLetters, duplicates, blank } = ingest.ingest({ source: 'fuzz', arrival, offset: 0, count, payload });
  made += events.length;
  const told = new Set([...events, ...deadLetters, ...duplicates].map(({ offset }) => offset));
  const empty = Object.values(blank).reduce((sum, amount) => sum + amount, 0);
  if (told.size + empty !== count) return `${count} lines, ${told.size} with an outcome and ${empty} blank`;
  for (const event of events) {
    ingest.complete(event);
    if (!Number.isSafeInteger(event.time)) return `the time of an event is ${event.time}`;
    if (JSON.stringify(toDocument(event, index)) === undefined) return 'an event that is no document';
  }
  for (const letter of deadLetters) JSON.stringify(deadLetterDocument(letter));
  return undefined;
}

function troubleOf(ingest: Ingest, lines: readonly Buffer[]): string | undefined {
  const before = process.cpuUsage();
  try {
    const wrong = wrongWith(ingest, lines);
    if (wrong !== undefined) return wrong;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const { user, system } = process.cpuUsage(before);
  const took = (user + system) / 1000;
  const bytes = lines.reduce((sum, line) => sum + line.length, 0);
  return took > mayTake(bytes) + lines.length * 10 ? `${took.toFixed(0)} ms for ${bytes} bytes` : undefined;
}

/** What is wrong every time: what is slow once is a compiler or a collector at work. */
function stubborn(fresh: () => Ingest, lines: readonly Buffer[]): string | undefined {
  let wrong: string | undefined;
  for (let time = 0; time < 4; time++) if ((wrong = troubleOf(fresh(), lines)) === undefined) return undefined;
  return wrong;
}

function round(number: number): FuzzFinding | undefined {
  const format = declared[number % declared.length]!;
  const lines = linesOf(number, format);
  port.postMessage({ round: number, format, lines: lines.length, events: made } satisfies FuzzBeat);
  const wrong = troubleOf(ingestOf(format, number), lines);
  if (wrong === undefined) return undefined;
  // The line that does it alone, where one does.
  const fresh = ingests.get(format)!;
  for (const line of lines) {
    const alone = stubborn(fresh, [line]);
    if (alone !== undefined) return { wrong: alone, round: number, format, line: line.toString('base64') };
  }
  const again = stubborn(fresh, lines);
  return again === undefined ? undefined : { wrong: again, round: number, format, line: Buffer.concat(lines).toString('base64') };
}

const end = task.rounds === undefined ? Infinity : task.firstRound + task.rounds;
for (let number = task.firstRound; number < end; number++) {
  const finding = round(number);
  if (!finding) continue;
  port.postMessage(finding);
  break;
}
