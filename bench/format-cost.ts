import { readFileSync } from 'node:fs';
import { FieldIndex } from '#ecs';
import { buildEnrichers, buildIngest, type Ingest, type IngestParts, type SourceSettings } from '#ingest';
import { amplify } from './amplify.js';

/** What lines of one format cost, in nanoseconds of processor time a line, garbage collection included. */
export interface FormatCost {
  /** Lines of the sample, and those of them that become events. */
  readonly lines: number;
  readonly events: number;
  /** Bytes of a line. */
  readonly bytes: number;
  /** Only cut into lines. */
  readonly split: number;
  /** What the parser sees. */
  readonly parse: number;
  /** Every field, every enricher that needs no file of the operator, and the line kept. */
  readonly enrich: number;
}

const blockSize = 1 << 20;
const arrival = Date.UTC(2026, 10, 1);
const eachPhase = 400;

/** Run as a process of its own: `node format-cost.js FORMAT FILE…`. */
function measure(format: string, files: readonly string[]): FormatCost {
  const text = files.map((file) => readFileSync(file, 'utf8').trimEnd()).join('\n');
  const source = { name: 'bench', format, timeZone: 'UTC' } as SourceSettings;
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const good = lines.filter((line) => ingestOf(source, { eager: [] }).ingest(batchOf(Buffer.from(line))).events.length === 1);
  if (good.length === 0) return { lines: lines.length, events: 0, bytes: 0, split: 0, parse: 0, enrich: 0 };
  const { payload, count } = amplify(good, blockSize);
  const batch = batchOf(payload, count);
  const parser = ingestOf(source, { eager: [] });
  const whole = ingestOf(source, { eager: 'all', keepOriginal: true, enrichers: buildEnrichers() });
  return {
    lines: lines.length,
    events: good.length,
    bytes: payload.length / count,
    split: costOf(() => split(payload), count),
    parse: costOf(() => parser.ingest(batch).events.length, count),
    enrich: costOf(() => whole.ingest(batch).events.length, count),
  };
}

function ingestOf(source: SourceSettings, parts: Pick<IngestParts, 'eager'> & Partial<IngestParts>): Ingest {
  return buildIngest({ source: () => source, index: new FieldIndex(), enrichers: [], keepOriginal: false, ...parts });
}

function batchOf(payload: Buffer, count = 1): Parameters<Ingest['ingest']>[0] {
  return { source: 'bench', arrival, offset: 0, count, payload };
}

/** What reading lines costs at least: one text for all, cut at the newlines. */
function split(payload: Buffer): number {
  const text = payload.toString('latin1');
  let length = 0;
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    length += text.slice(start, end).length;
    start = end + 1;
  }
  return length;
}

/** Runs for a while to be compiled, then for twice as long to be measured. */
function costOf(once: () => number, lines: number): number {
  for (const until = performance.now() + eachPhase; performance.now() < until;) once();
  const started = process.cpuUsage();
  let rounds = 0;
  for (const until = performance.now() + 2 * eachPhase; performance.now() < until; rounds++) once();
  const { user, system } = process.cpuUsage(started);
  return ((user + system) * 1000) / (rounds * lines);
}

const [format = 'auto', ...files] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(measure(format, files))}\n`);
