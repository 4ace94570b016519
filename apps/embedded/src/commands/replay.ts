import type { Command } from 'commander';
import { buildEnrichers } from '#ingest';
import { printable } from '#telemetry';
import { askedSignal } from '../replay/asked-signal.js';
import { askedEvents } from '../backtest/asked-events.js';
import { openData, requireLocal, serviceAddress } from '../backtest/event-input.js';
import type { ToldSignal } from '../replay/compare-signals.js';
import { replaySignal, type Replay } from '../replay/replay.js';
import type { StoredEvents } from '#query';
import { detectorSettings } from '../service/detector-settings.js';
import { requireAnalysisConfig, type AnalysisConfig } from './analysis-config.js';
import { collect } from './input-options.js';
import { CommandError, exitCodes, type Io } from './io.js';
import { pathsOf, versionOf } from './rules-backtest.js';

interface ReplayOptions {
  readonly rules: string[];
  readonly shipped: boolean;
  readonly data?: string;
  readonly key?: string;
  readonly url?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function addReplay(program: Command, io: Io): void {
  program
    .command('replay')
    .description('Makes a signal again from the stored events and says whether it is the same: ends with 0 where it is, with 1 where not.')
    .argument('<signal>', 'id of the signal')
    .option('--data <dir>', 'data directory, instead of the configured one')
    .option('--key <key>', 'a read key: ask the running service, which has its data directory to itself')
    .option('--url <url>', 'with --key: where the service listens, if not as configured')
    .option('--rules <path>', 'rules of your own, a file or folder; may be repeated; left out: those of the configuration', collect, [])
    .option('--no-shipped', 'leave the shipped rules out')
    .option('--config <file>', 'configuration file; gatewatch.yml if it is there')
    .option('--json', 'the result as JSON')
    .action((id: string, options: ReplayOptions) => replay(id, options, io));
}

async function replay(id: string, options: ReplayOptions, io: Io): Promise<void> {
  const config = await requireAnalysisConfig(options.config, io);
  const { rules, index } = versionOf(pathsOf(options.rules, config), options, config);
  const provenance = config.provenance(buildEnrichers(config.ingest));
  const { signal, kept, events, close } = await openSignal(id, options, config);
  try {
    const inLogOrder = config.local !== undefined;
    const told = await replaySignal(signal, { events, kept, rules, index, provenance, inLogOrder, settings: detectorSettings(config) });
    await io.out(options.json ? `${JSON.stringify(told, undefined, 2)}\n` : renderReplay(told));
    if (told.verdict !== 'same') throw new CommandError('', exitCodes.badInput);
  } finally {
    await close();
  }
}

/** A signal, and the store that its events are in. */
interface OpenSignal {
  readonly signal: ToldSignal;
  readonly kept: number;
  readonly events: StoredEvents;
  close(): Promise<void>;
}

async function openSignal(id: string, { data, key, url }: ReplayOptions, config: AnalysisConfig): Promise<OpenSignal> {
  if (key === undefined) {
    if (url !== undefined) throw new CommandError('--url goes with --key');
    const local = requireLocal(config);
    return storedSignal(id, data ?? local.data_dir, local);
  }
  if (data !== undefined) throw new CommandError('--data names a data directory, --key asks a running service: give one of them');
  const base = serviceAddress(url, config.http);
  return { ...(await askedSignal(id, base, key)), events: askedEvents(base, key), close: () => Promise.resolve() };
}

async function storedSignal(id: string, dir: string, local: NonNullable<AnalysisConfig['local']>): Promise<OpenSignal> {
  const engine = await openData(dir, local);
  const signal = await engine.events.signal(id);
  if (!signal) {
    await engine.close();
    throw new CommandError(`there is no signal ${printable(id)} in ${dir}, or it is no longer kept`);
  }
  const kept = await engine.events.eventsOf(signal.evidence);
  return { signal, kept: kept.length, events: engine.events, close: () => engine.close() };
}

const verdicts: Record<Replay['verdict'], string> = {
  same: 'comes out the same',
  differs: 'comes out otherwise',
  not_found_again: 'does not come out again',
  rule_gone: 'cannot be made again: its rule is not among the rules',
};

function renderReplay({ signal, rule, verdict, differences, context, span, events, evidence_gone: gone }: Replay): string {
  const out = [
    `Signal ${signal} of ${printable(rule)} ${verdicts[verdict]}`,
    `  read again: ${events.toLocaleString('en-US')} events${span.from ? ` from ${span.from} to ${span.to}` : ', all that are stored'}`,
  ];
  for (const { what, then, now } of differences) out.push(`  ${what}: was ${printable(then)}, is now ${printable(now)}`);
  if (gone) out.push(`  ${gone} events of its evidence are no longer kept`);
  for (const { what, then, now } of context) out.push(`  not as it was: ${what}, then ${printable(then)}, now ${printable(now)}`);
  return `${out.join('\n')}\n`;
}
