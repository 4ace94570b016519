import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { FieldIndex } from '#ecs';
import { buildEnrichers, enrichmentProblems } from '#ingest';
import type { EmbeddedConfig } from '../config.js';
import { systemClock } from '#time';
import { countRules, loadConfigured } from '../rules/load-rule-set.js';
import { requireConfig } from './check-config.js';
import { CommandError, exitCodes, type Io } from './io.js';
import { painter } from './report.js';

interface Diagnosis {
  readonly status: 'ok' | 'odd' | 'bad';
  readonly text: string;
}

export function addDoctor(program: Command, io: Io): void {
  program
    .command('doctor')
    .description(
      'Says what is missing or odd: configuration, rules, data directory, enrichment data, and the running service if there is one.',
    )
    .option('--config <file>', 'configuration file; gatewatch.yml if it is there')
    .option('--data <dir>', 'data directory, instead of the configured one')
    .option('--key <key>', 'a read key: also ask the running service for its health')
    .action(async ({ config: file, data, key }: { config?: string; data?: string; key?: string }) => {
      const loaded = requireConfig(file, io);
      const config = data === undefined ? loaded : { ...loaded, data_dir: data };
      const found = [
        ...rules(config),
        ...dataDirectory(config),
        ...enrichment(config),
        ...sources(config),
        ...receivers(config),
        ...(await service(config, key)),
      ];
      const paint = painter(io.outTty && !io.env['NO_COLOR']);
      const mark = { ok: paint('green', 'ok  '), odd: paint('yellow', 'odd '), bad: paint('red', 'bad ') };
      for (const { status, text } of found) await io.out(`${mark[status]} ${text}\n`);
      if (found.some(({ status }) => status === 'bad')) throw new CommandError('', exitCodes.badConfig);
    });
}

function rules({ detection }: EmbeddedConfig): Diagnosis[] {
  const { rules: set, problems } = loadConfigured(detection, new FieldIndex());
  const bad = problems.map(({ file, line, message }): Diagnosis => ({ status: 'bad', text: `rule ${file}:${line}  ${message}` }));
  const amount = countRules(set);
  return [
    ...bad,
    amount ? { status: 'ok', text: `${amount} rules give signals` } : { status: 'bad', text: 'no rule is in force: nothing will be found' },
  ];
}

function dataDirectory({ data_dir: dir }: EmbeddedConfig): Diagnosis[] {
  const path = resolve(dir);
  const base = existsSync(path) ? path : dirname(path);
  if (!existsSync(base))
    return [{ status: 'bad', text: `data directory ${path}: its parent folder is not there; make it, or set data_dir` }];
  try {
    accessSync(base, constants.W_OK);
  } catch {
    // The answer is the diagnosis.
    return [{ status: 'bad', text: `data directory ${path} may not be written by this user` }];
  }
  const { bavail, bsize } = statfsSync(base);
  const free = (bavail * bsize) / 2 ** 30;
  const status = free < 1 ? 'bad' : free < 5 ? 'odd' : 'ok';
  return [
    {
      status,
      text: `data directory ${path}: ${free.toFixed(1)} GiB free${status === 'ok' ? '' : '; a full disk stops the taking of records'}`,
    },
  ];
}

function enrichment({ ingest }: EmbeddedConfig): Diagnosis[] {
  const problems = enrichmentProblems(ingest);
  if (problems.length) return problems.map((text) => ({ status: 'bad', text }));
  return buildEnrichers(ingest, () => systemClock.now()).flatMap(({ name, status }): Diagnosis[] => {
    const found = status?.();
    if (!found) return [];
    const age = found.dataAgeDays === undefined ? '' : `: data are ${found.dataAgeDays} days old`;
    return [{ status: found.warning ? 'odd' : 'ok', text: `${name}${age}${found.warning ? `; ${found.warning}` : ''}` }];
  });
}

function sources({ sources: configured }: EmbeddedConfig): Diagnosis[] {
  return configured.flatMap(({ name, follow = [], time_zone: zone }): Diagnosis[] => [
    ...follow
      .filter((path) => path !== '-' && !/[*?]/.test(path) && !existsSync(path))
      .map((path): Diagnosis => ({ status: 'odd', text: `source ${name}: ${path} is not there yet; it is waited for` })),
    ...(follow.length && !zone
      ? [{ status: 'odd' as const, text: `source ${name} has no time_zone: lines whose stamp names no zone become dead letters` }]
      : []),
  ]);
}

function receivers({ alerting }: EmbeddedConfig): Diagnosis[] {
  const onlyLog = alerting.receivers.every(({ channels }) => channels.every(({ type }) => type === 'log'));
  if (onlyLog)
    return [{ status: 'odd', text: 'nobody is told: notices only go to the log; set alerting.receivers with an email or webhook channel' }];
  const missing = alerting.fallback
    ? []
    : [{ status: 'odd' as const, text: 'alerting has no fallback: a notice that cannot be delivered is only logged' }];
  return [
    { status: 'ok', text: alerting.receivers.length === 1 ? '1 receiver is told' : `${alerting.receivers.length} receivers are told` },
    ...missing,
  ];
}

async function service({ data_dir: dir, http }: EmbeddedConfig, key: string | undefined): Promise<Diagnosis[]> {
  const lock = join(dir, 'lock');
  if (!existsSync(lock)) return [{ status: 'ok', text: 'no service runs on this data directory' }];
  const running = `a service has the data directory (${readFileSync(lock, 'utf8').trim().slice(0, 80)})`;
  if (!key) return [{ status: 'ok', text: `${running}; with --key its health is asked for` }];
  try {
    const response = await fetch(`http://${http.host}:${http.port}/health`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok)
      return [{ status: 'odd', text: `${running}, and answers ${response.status} to the question for its health: is it a read key?` }];
    const { checks } = (await response.json()) as { checks: Record<string, { status: 'ok' | 'warn' | 'fail'; message?: string }> };
    const grade = { ok: 'ok', warn: 'odd', fail: 'bad' } as const;
    return Object.entries(checks).map(([name, { status, message }]) => ({
      status: grade[status],
      text: `service, ${name}${message ? `: ${message}` : ''}`,
    }));
  } catch (error) {
    return [{ status: 'bad', text: `${running} and does not answer at http://${http.host}:${http.port}: ${(error as Error).message}` }];
  }
}
