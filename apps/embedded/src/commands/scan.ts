import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { FieldIndex, signalDocument, type Signal } from '#ecs';
import { parseDuration, systemClock } from '#time';
import { openInput, type Input } from '../input/blocks.js';
import { countRules, requireRules, ruleFiles } from '../rules/load-rule-set.js';
import { LineWorkers } from '../scan/line-workers.js';
import { scan, type ScanResult } from '../scan/scan.js';
import { configuredInput } from './configured-source.js';
import { addInputOptions, collect, type InputOptions } from './input-options.js';
import { CommandError, type Io } from './io.js';
import { readTuning, sensitivityOption, tuningOption, type TuningOptions } from './tuning.js';
import { Progress } from './progress.js';
import { painter, renderReport } from './report.js';
import { wrap } from './wrap.js';

interface ScanOptions extends InputOptions, TuningOptions {
  readonly rules: string[];
  readonly shipped: boolean;
  readonly json?: boolean;
  readonly all?: boolean;
  readonly grace: string;
  readonly workers: string;
  readonly color?: boolean;
}

export function addScan(program: Command, io: Io): void {
  const command = program
    .command('scan')
    .description('Reads logs once and prints what was found.')
    .argument('<files...>', 'log files, plain or gzip; - is standard input; several are merged by time')
    .option('--rules <path>', 'rules of your own, a file or folder, beside the shipped ones; may be repeated', collect, [])
    .option('--no-shipped', 'leave the shipped rules out')
    .option(...tuningOption)
    .option(...sensitivityOption)
    .option('--grace <duration>', 'how far lines may be out of order', '2m')
    .option('--workers <number>', 'threads that read lines beside the one that keeps the windows; 1 does all in one', '1')
    .option('--json', 'ECS alert documents as NDJSON')
    .option('--all', 'every signal and more of its evidence')
    .option('--no-color', 'plain text');
  addInputOptions(command).action((files: string[], options: ScanOptions) => runScan(files, options, io));
}

async function runScan(files: string[], options: ScanOptions, io: Io): Promise<void> {
  // By itself V8 lets the heap grow to four times what lives before it collects: 300 MB of memory for 45 MB of windows. A few collections more cost little.
  setFlagsFromString('--heap-growing-percent=150');
  const grace = parseDuration(options.grace);
  if (grace === undefined) throw new CommandError(`--grace: "${options.grace}" is no duration; write 30s, 2m or 1h`);
  const threads = workerCount(options.workers);
  const now = systemClock.now();
  const index = new FieldIndex();
  const { source, ingest } = configuredInput('scan', options, io);
  const rulesRead = ruleFiles(options.rules, options.shipped);
  const tuning = readTuning(options);
  const rules = requireRules(rulesRead, index, tuning);
  const inputs = files.map((file) => openInput(file));
  const workers = threads > 1 ? new LineWorkers(threads, { ruleFiles: rulesRead, tuning, source, ingest, now }) : undefined;
  const signals: Signal[] = [];
  const progress = new Progress(inputs, io);
  const started = systemClock.now();
  const onSignal = (signal: Signal): void =>
    options.json ? void io.out(`${JSON.stringify(signalDocument(signal))}\n`) : void signals.push(signal);
  const onProgress = (name: string, consumed: number): void => progress.show(name, consumed);
  const result = await scan(inputs, { rules, index, source, ingest, grace, now, onSignal, onProgress }, workers).finally(() =>
    workers?.stop(),
  );
  progress.clear();
  if (!options.json) {
    const counts = reportCounts(inputs, result, { seconds: (systemClock.now() - started) / 1000, rules: countRules(rules) });
    const colour = options.color !== false && io.outTty && !io.env['NO_COLOR'];
    const report = renderReport(signals, counts, { paint: painter(colour), all: options.all ?? false, steps: io.outColumns !== undefined });
    await io.out(wrap(report, io.outColumns));
  }
  if (result.broken.length) throw new CommandError(result.broken.map(({ message }) => `gatewatch: ${message}`).join('\n'));
}

function workerCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= mostWorkers) return count;
  throw new CommandError(`--workers: "${text}" is not a number of threads from 1 to ${mostWorkers}`);
}

/** One thread keeps the windows: more readers than this would wait for it. */
const mostWorkers = 16;

function reportCounts(
  inputs: readonly Input[],
  result: ScanResult,
  facts: { seconds: number; rules: number },
): Parameters<typeof renderReport>[1] {
  const late = Object.values(result.counts.late).reduce((sum, amount) => sum + amount, 0);
  return { ...result, ...facts, inputs: inputs.map(({ name }) => name), formats: result.datasets, late, excepted: result.counts.excepted };
}
