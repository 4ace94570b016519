import type { Command } from 'commander';
import { buildEnrichers } from '#ingest';
import { printable } from '#telemetry';
import { openData } from '../backtest/event-input.js';
import { replaySignal, type Replay } from '../replay/replay.js';
import { detectorSettings } from '../service/detector-settings.js';
import { provenanceOf } from '../service/provenance.js';
import { requireConfig } from './check-config.js';
import { collect } from './input-options.js';
import { CommandError, exitCodes, type Io } from './io.js';
import { pathsOf, versionOf } from './rules-backtest.js';

interface ReplayOptions {
  readonly rules: string[];
  readonly shipped: boolean;
  readonly data?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function addReplay(program: Command, io: Io): void {
  program
    .command('replay')
    .description('Makes a signal again from the stored events and says whether it is the same: ends with 0 where it is, with 1 where not.')
    .argument('<signal>', 'id of the signal')
    .option('--data <dir>', 'data directory, instead of the configured one')
    .option('--rules <path>', 'rules of your own, a file or folder; may be repeated; left out: those of the configuration', collect, [])
    .option('--no-shipped', 'leave the shipped rules out')
    .option('--config <file>', 'configuration file; gatewatch.yml if it is there')
    .option('--json', 'the result as JSON')
    .action((id: string, options: ReplayOptions) => replay(id, options, io));
}

async function replay(id: string, options: ReplayOptions, io: Io): Promise<void> {
  const config = requireConfig(options.config, io);
  const { rules, index } = versionOf(pathsOf(options.rules, config), options, config);
  const dir = options.data ?? config.data_dir;
  const engine = await openData(dir, config);
  try {
    const signal = await engine.events.signal(id);
    if (!signal) throw new CommandError(`there is no signal ${id} in ${dir}, or it is no longer kept`);
    const provenance = provenanceOf(config, buildEnrichers(config.ingest));
    const told = await replaySignal(signal, { engine, rules, index, provenance, settings: detectorSettings(config) });
    await io.out(options.json ? `${JSON.stringify(told, undefined, 2)}\n` : renderReplay(told));
    if (told.verdict !== 'same') throw new CommandError('', exitCodes.badInput);
  } finally {
    await engine.close();
  }
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
    `  read again: ${events.toLocaleString('en-US')} events ${span.from ? `from ${span.from} ` : ''}to ${span.to}`,
  ];
  for (const { what, then, now } of differences) out.push(`  ${what}: was ${printable(then)}, is now ${printable(now)}`);
  if (gone) out.push(`  ${gone} events of its evidence are no longer kept`);
  for (const { what, then, now } of context) out.push(`  not as it was: ${what}, then ${printable(then)}, now ${printable(now)}`);
  return `${out.join('\n')}\n`;
}
