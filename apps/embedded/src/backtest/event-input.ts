import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { DetectorCounts, RuleSet } from '#detection';
import type { Event, FieldIndex, Signal } from '#ecs';
import type { SourceSettings } from '#ingest';
import { openLocalEngine, type LocalEngine } from '#local';
import { silentLogger } from '#telemetry';
import { instant, parseDuration, systemClock } from '#time';
import { addInputOptions, sourceSettings, type InputOptions } from '../commands/input-options.js';
import { askedEvents } from './asked-events.js';
import { CommandError, type Io } from '../commands/io.js';
import { Progress } from '../commands/progress.js';
import type { AnalysisConfig } from '../commands/analysis-config.js';
import type { EmbeddedConfig } from '../config.js';
import { openInput, type InputError } from '../input/blocks.js';
import { detectorSettings } from '../service/detector-settings.js';
import { scanStored } from '../scan/scan-stored.js';
import type { StoredEvents } from '#query';
import { scan, type Scene } from '../scan/scan.js';

/** Options of commands that run rules over what happened: files, or the store of a data directory. */
export interface EventInputOptions extends InputOptions {
  readonly store?: string | true;
  readonly from?: string;
  readonly to?: string;
  readonly key?: string;
  readonly url?: string;
  readonly grace: string;
}

export function addEventInputOptions(command: Command): Command {
  return addInputOptions(
    command
      .option('--store [dir]', 'events of a data directory instead of files: the configured one, or this')
      .option('--from <instant>', 'with --store: first event time; ISO 8601, or back from now: -7d')
      .option('--to <instant>', 'with --store: event time to stop before')
      .option('--key <key>', 'with --store: a read key; ask the running service, which has its data directory to itself')
      .option('--url <url>', 'with --key: where the service listens, if not as configured')
      .option('--grace <duration>', 'with files: how far lines may be out of order', '2m'),
  );
}

export interface EventRun {
  readonly rules: RuleSet;
  readonly index: FieldIndex;
  readonly onSignal: (signal: Signal) => void;
  readonly onEvent?: (event: Event, scene: Scene) => void;
  /** Whether signals show lines of their events. */
  readonly lines?: boolean;
  /** Slots that are wanted beside those that the rules read. */
  readonly slots?: readonly number[];
}

export interface EventReading {
  readonly events: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly counts: DetectorCounts;
  /** Only of files: records that could not be understood, and inputs that could not be read to their end. */
  readonly deadLetters: number;
  readonly broken: readonly InputError[];
}

/** Something that rules can be run over, as often as one likes unless it is standard input. */
export interface EventInput {
  readonly name: string;
  readonly rereadable: boolean;
  run(run: EventRun): Promise<EventReading>;
  close(): Promise<void>;
}

/** @throws CommandError for options that do not go together */
export async function openEventInput(
  files: readonly string[],
  options: EventInputOptions,
  { config, io }: { config: AnalysisConfig; io: Io },
): Promise<EventInput> {
  if (options.store !== undefined) {
    if (files.length) throw new CommandError('give files or --store, not both');
    return openStore(options, config);
  }
  if (files.length === 0) throw new CommandError('give one or more log files, - for standard input, or --store');
  if (options.from !== undefined || options.to !== undefined) throw new CommandError('--from and --to go with --store');
  if (options.key !== undefined || options.url !== undefined) throw new CommandError('--key and --url go with --store');
  const grace = parseDuration(options.grace);
  if (grace === undefined) throw new CommandError(`--grace: "${options.grace}" is no duration; write 30s, 2m or 1h`);
  return filesInput(files, { source: sourceSettings('scan', options), grace, io });
}

function filesInput(files: readonly string[], { source, grace, io }: { source: SourceSettings; grace: number; io: Io }): EventInput {
  return {
    name: files.map((file) => (file === '-' ? 'stdin' : file)).join(', '),
    rereadable: !files.includes('-'),
    close: () => Promise.resolve(),
    run: async ({ rules, index, onSignal, onEvent }) => {
      const inputs = files.map((file) => openInput(file));
      const progress = new Progress(inputs, io);
      const onProgress = (name: string, consumed: number): void => progress.show(name, consumed);
      const result = await scan(inputs, {
        rules,
        index,
        source,
        grace,
        now: systemClock.now(),
        onSignal,
        onProgress,
        ...(onEvent && { onEvent }),
      });
      progress.clear();
      const deadLetters = Object.values(result.deadLetters).reduce((sum, amount) => sum + amount, 0);
      return { ...result, deadLetters };
    },
  };
}

async function openStore(options: EventInputOptions, config: AnalysisConfig): Promise<EventInput> {
  const { from, to } = options;
  const range = { ...timeOf('--from', from), ...timeOf('--to', to) };
  const { name, events, close } = options.key === undefined ? await dataOf(options, config) : askedOf(options.key, options, config);
  const settings = detectorSettings(config);
  return {
    name,
    rereadable: true,
    close,
    run: async ({ lines = false, ...run }) => {
      const { index } = run;
      const result = await scanStored(events, { ...run, index, ...range, settings, lines });
      return { ...result, deadLetters: 0, broken: [] };
    },
  };
}

interface Opened extends Pick<EventInput, 'name' | 'close'> {
  readonly events: StoredEvents;
}

async function dataOf({ store }: EventInputOptions, config: AnalysisConfig): Promise<Opened> {
  const local = requireLocal(config);
  const dir = typeof store === 'string' ? store : local.data_dir;
  const engine = await openData(dir, local);
  return { name: `the store in ${dir}`, events: engine.events, close: () => engine.close() };
}

function askedOf(key: string, { store, url }: EventInputOptions, { http }: AnalysisConfig): Opened {
  if (typeof store === 'string') throw new CommandError('--store names a data directory, --key asks a running service: give one of them');
  const base = serviceAddress(url, http);
  return { name: `the store of the service at ${base}`, events: askedEvents(base, key), close: () => Promise.resolve() };
}

/** Where a running service is asked: as told, else where the configuration says that it listens. */
export function serviceAddress(url: string | undefined, { host, port }: AnalysisConfig['http']): string {
  const base = url ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(base)) throw new CommandError(`--url: "${base}" is no address; write http://127.0.0.1:7770`);
  return base;
}

/** The store that a command opens itself. @throws CommandError where the configuration is that of the distributed mode */
export function requireLocal({ local }: AnalysisConfig): NonNullable<AnalysisConfig['local']> {
  if (local) return local;
  throw new CommandError(
    'the events of the distributed mode are in Elasticsearch: ask `gatewatch query` with --key, and --url if it listens elsewhere',
  );
}

/** Opens a data directory that is there; one that is not is not made. */
export async function openData(dir: string, { store }: Pick<EmbeddedConfig, 'store'>): Promise<LocalEngine> {
  if (!existsSync(join(dir, 'format'))) throw new CommandError(`${dir} is no data directory: a service was never started with it`);
  const memoryLimit = `${Math.round(store.memory_limit / 2 ** 20)}MB`;
  return openLocalEngine({ dir, logger: silentLogger, settings: { memoryLimit } });
}

function timeOf(option: '--from' | '--to', text: string | undefined): { from?: number; to?: number } {
  if (text === undefined) return {};
  const time = instant(text, systemClock.now());
  if (time === undefined) throw new CommandError(`${option}: "${text}" is no instant; write 2026-01-15T10:00:00Z, 2026-01-15 or -7d`);
  return option === '--from' ? { from: time } : { to: time };
}
