import type { Command } from 'commander';
import { coverageDocument, readCoverage } from '#detection';
import type { JsonObject } from '#ecs';
import { printable } from '#telemetry';
import { instant, systemClock } from '#time';
import { openData, serviceAddress } from '../backtest/event-input.js';
import type { EmbeddedConfig } from '../config.js';
import { detectorState } from '../service/build-pipeline.js';
import { namespacedReader } from '../service/namespaced.js';
import { requireAnalysisConfig } from './analysis-config.js';
import { requireConfig } from './check-config.js';
import { CommandError, type Io } from './io.js';

interface CoverageOptions {
  readonly rule?: string;
  readonly from?: string;
  readonly to?: string;
  readonly data?: string;
  readonly config?: string;
  readonly key?: string;
  readonly url?: string;
  readonly json?: boolean;
}

export function addCoverage(program: Command, io: Io): void {
  program
    .command('coverage')
    .description(
      'Says how far event time was evaluated, by rule, and shows the holes: down time, rules that came later, sources silent or late.',
    )
    .option('--rule <rule>', 'id or name of one rule')
    .option('--from <instant>', 'first event time; ISO 8601, or back from now: -7d')
    .option('--to <instant>', 'event time to stop before')
    .option('--data <dir>', 'data directory, instead of the configured one')
    .option('--config <file>', 'configuration file; gatewatch.yml if it is there')
    .option('--key <key>', 'a read key: ask the running service; without it, the data directory of one that is stopped is read')
    .option('--url <address>', 'with --key: where to ask, as `gatewatch query` of the distributed mode; the configured address without it')
    .option('--json', 'the ledger as JSON')
    .action(async (options: CoverageOptions) => {
      if (options.url !== undefined && options.key === undefined) throw new CommandError('--url needs --key, a read key of the service');
      const found = options.key === undefined ? await stored(options, requireConfig(options.config, io)) : await asked(options, io);
      await io.out(options.json ? `${JSON.stringify(found, undefined, 2)}\n` : render(found as unknown as Ledger));
    });
}

async function stored({ rule, from, to, data }: CoverageOptions, config: EmbeddedConfig): Promise<JsonObject> {
  const dir = data ?? config.data_dir;
  const engine = await openData(dir, config);
  try {
    const query = { ...timeOf('from', from), ...timeOf('to', to), ...(rule !== undefined && { rule }) };
    const report = readCoverage(namespacedReader(engine.tasks, detectorState), query);
    if (!report) throw new CommandError(`no event was evaluated yet in ${dir}`);
    if (rule !== undefined && report.rules.length === 0) throw new CommandError(`the ledger knows no rule ${rule}`);
    return coverageDocument(report);
  } finally {
    await engine.close();
  }
}

async function asked({ rule, from, to, key, url: address, config }: CoverageOptions, io: Io): Promise<JsonObject> {
  const url = new URL('/v1/coverage', address ?? serviceAddress(undefined, (await requireAnalysisConfig(config, io)).http));
  for (const [name, value] of Object.entries({ rule, from, to })) if (value !== undefined) url.searchParams.set(name, value);
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(10_000) }).catch(
    (error: Error) => {
      throw new CommandError(`the service does not answer at ${url.origin}: ${error.message}`);
    },
  );
  const body = (await response.json()) as { data?: JsonObject; detail?: string };
  if (!body.data) throw new CommandError(`the service answers ${response.status}: ${body.detail ?? ''}`);
  return body.data;
}

function timeOf<Name extends 'from' | 'to'>(name: Name, text: string | undefined): { readonly [K in Name]?: number } {
  if (text === undefined) return {};
  const time = instant(text, systemClock.now());
  if (time === undefined) throw new CommandError(`--${name}: "${text}" is no instant; write 2026-01-15T10:00:00Z, 2026-01-15 or -7d`);
  return { [name]: time } as { readonly [K in Name]?: number };
}

interface Ledger {
  readonly from: string;
  readonly to: string;
  readonly watermark: string;
  readonly rules: {
    name: string;
    versions: { version: string }[];
    holes: { from: string; to: string; reason: keyof typeof reasons; source?: string; count?: number }[];
  }[];
  readonly sources: { source: string; silent: boolean }[];
}

const reasons = {
  not_in_force: 'the rule was not in force',
  not_yet: 'not evaluated yet',
  down: 'the service was down, and nothing of that time was read afterwards',
  source_silent: 'a source was silent that alone feeds the rule',
  late: 'events came too late',
  evicted: 'group keys were given up',
} as const;

function render({ from, to, watermark, rules, sources }: Ledger): string {
  const out = [`Event time from ${from} to ${to}; evaluated up to ${watermark}`];
  const whole = rules.filter(({ holes }) => holes.length === 0);
  if (whole.length) out.push(`${whole.length} of ${rules.length} rules have no hole`);
  for (const { name, holes, versions } of rules) {
    if (holes.length === 0 && rules.length > 1) continue;
    out.push(`${printable(name)}, version ${versions.map(({ version }) => version).join(', then ')}${holes.length ? '' : ': no hole'}`);
    for (const hole of holes) {
      const more = [
        hole.source === undefined ? '' : `source ${printable(hole.source)}`,
        hole.count === undefined ? '' : `${hole.count} times`,
      ].filter(Boolean);
      out.push(`  ${hole.from} to ${hole.to}  ${reasons[hole.reason]}${more.length ? ` (${more.join(', ')})` : ''}`);
    }
  }
  const silent = sources.filter((one) => one.silent).map(({ source }) => printable(source));
  if (silent.length) out.push(`silent now: ${silent.join(', ')}`);
  return `${out.join('\n')}\n`;
}
