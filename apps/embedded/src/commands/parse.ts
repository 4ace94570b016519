import type { Command } from 'commander';
import { deadLetterDocument, FieldIndex, toDocument, type DeadLetter, type Event } from '#ecs';
import { buildEnrichers, buildIngest, linePart, type Ingest, type IngestSettings, type SourceSettings } from '#ingest';
import { systemClock } from '#time';
import { openInput, type Block, type Input } from '../input/blocks.js';
import { countRecords } from '../sources/records.js';
import { configuredInput } from './configured-source.js';
import { addInputOptions, type InputOptions } from './input-options.js';
import { explainInput } from './explain.js';
import { CommandError, type Io } from './io.js';
import { checkCases, loadMapping } from './mapping.js';

interface ParseOptions extends InputOptions {
  readonly pretty?: boolean;
  readonly explain?: boolean;
  readonly mapping?: string;
}

export function addParse(program: Command, io: Io): void {
  const command = program
    .command('parse')
    .description('Prints one ECS document, or a dead letter with its reason, for each record of a log, as NDJSON.')
    .argument('[files...]', 'log files, plain or gzip; - is standard input')
    .option('--pretty', 'indent the documents')
    .option('--mapping <file>', 'mapping file for JSON lines; without log files its cases are checked')
    .option('--explain', 'instead of documents: which formats were tried, and why they failed');
  addInputOptions(command).action(async (files: string[], options: ParseOptions) => {
    const mapping = options.mapping === undefined ? undefined : loadMapping(options.mapping);
    if (files.length === 0) {
      if (!mapping) throw new CommandError('expected log files, or --mapping with a file whose cases are checked');
      return checkCases(mapping, options.timeZone, io);
    }
    // All are opened before the first is read: a name that is wrong is told at once.
    for (const input of files.map((file) => openInput(file))) {
      const { source, ingest } = configuredInput(input.name, options, io);
      const settings = { ...source, ...(mapping && { mapping: mapping.mapping }) };
      if (options.explain) await explainInput(input, settings, io);
      else await parseInput(input, settings, { pretty: options.pretty === true, io, ingest });
    }
  });
}

interface Printing {
  readonly pretty: boolean;
  readonly io: Io;
  readonly ingest: IngestSettings | undefined;
}

async function parseInput(input: Input, settings: SourceSettings, { pretty, io, ingest: configured }: Printing): Promise<void> {
  const index = new FieldIndex();
  const ingest = buildIngest({
    source: () => settings,
    index,
    enrichers: buildEnrichers(configured),
    eager: 'all',
    keepOriginal: true,
    ...linePart(configured),
  });
  const read = recordReader(ingest, settings);
  for await (const block of input.blocks()) {
    const { events, deadLetters } = read(block);
    await io.out(
      inOrder(events, deadLetters)
        .map((one) => `${JSON.stringify('values' in one ? toDocument(one, index) : deadLetterDocument(one), null, pretty ? 2 : 0)}\n`)
        .join(''),
    );
  }
}

/** Numbers the records of an input as a log would, so that ids and places are those of its lines. */
export function recordReader(
  ingest: Ingest,
  { name }: SourceSettings,
): (block: Pick<Block, 'payload' | 'header'>) => ReturnType<Ingest['ingest']> {
  const arrival = systemClock.now();
  let offset = 0;
  return ({ payload, header }) => {
    const count = countRecords(payload);
    const batch = { source: name, arrival, offset, count, payload, ...(header !== undefined && { header }) };
    offset += count;
    return ingest.ingest(batch);
  };
}

function inOrder(events: readonly Event[], deadLetters: readonly DeadLetter[]): (Event | DeadLetter)[] {
  if (deadLetters.length === 0) return [...events];
  return [...events, ...deadLetters].sort((a, b) => a.offset - b.offset);
}
