import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { FieldIndex } from '#ecs';
import type { SourceSettings } from '#ingest';
import { createLogger, printable, ServiceError, type Logger } from '#telemetry';
import { systemClock } from '#time';
import type { EmbeddedConfig } from '../config.js';
import { countRules, requireConfigured } from '../rules/load-rule-set.js';
import type { Service } from '../service/service.js';
import { stdinPath, type FollowTarget } from '../sources/follow.js';
import { requireConfig } from './check-config.js';
import { configuredSource } from './configured-source.js';
import { sourceSettings } from './input-options.js';
import { CommandError, exitCodes, type Io } from './io.js';
import { painter } from './report.js';

interface StartOptions {
  readonly config?: string;
  readonly data?: string;
  readonly host?: string;
  readonly port?: string;
  readonly follow: string[];
  readonly format: string;
  readonly timeZone?: string;
  readonly rules: string[];
  readonly demo?: boolean;
}

export function addStart(program: Command, io: Io): void {
  program
    .command('start', { isDefault: true })
    .description('Runs Gatewatch in one process: takes logs over HTTP and from followed files, detects, tells, answers.')
    .option('--config <file>', 'configuration file; gatewatch.yml if it is there')
    .option('--data <dir>', 'data directory')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port to listen on; 0 takes a free one')
    .option('--follow <file...>', 'log files to follow from their beginning; - is standard input', [])
    .option('--format <format>', 'format of the followed files', 'auto')
    .option('--time-zone <zone>', 'zone of stamps that name none, for the followed files; this machine’s if absent')
    .option('--rules <path...>', 'rules of your own, beside the configured and the shipped ones', [])
    .option('--demo', 'play a generated day of API traffic with planted attacks, in a data directory of its own')
    .action((options: StartOptions) => start(options, io));
}

async function start(options: StartOptions, io: Io): Promise<void> {
  const config = withOptions(requireConfig(options.config, io), options);
  const logger = createLogger({ level: config.log_level, pretty: io.errTty, colour: io.errTty && !io.env['NO_COLOR'] });
  const index = new FieldIndex();
  const rules = requireConfigured(config.detection, index);
  const followed = followedFiles(options, config);
  const sources = new Map([...sourcesOf(config), ...followed.sources.map((source): [string, SourceSettings] => [source.name, source])]);
  // Loaded here and not above: `scan` need not wait for Nest and DuckDB.
  const { openService } = await import('../service/service.js');
  const service = await opened(() => openService({ config, sources, follow: followed.targets, rules, index, clock: systemClock, logger }));
  const stop = stopOnSignals(service, logger);
  const url = await service.listen().catch(async (error: unknown) => {
    await service.close();
    throw configTrouble(error);
  });
  await io.out(
    welcome(service, { url, config, followed: followed.targets, rules: countRules(rules), colour: io.outTty && !io.env['NO_COLOR'] }),
  );
  if (options.demo)
    void (await import('../demo/play-demo.js')).playDemo({ service, clock: systemClock, stop, tell: (text) => void io.out(text) });
  await service.run(stop, url);
}

async function opened(open: () => Promise<Service>): Promise<Service> {
  try {
    return await open();
  } catch (error) {
    throw configTrouble(error);
  }
}

/** Trouble that the operator's settings decide: a busy port, a data directory in use. */
function configTrouble(error: unknown): unknown {
  return error instanceof ServiceError ? new CommandError(`gatewatch: ${error.message} [${error.code}]`, exitCodes.badConfig) : error;
}

function withOptions(config: EmbeddedConfig, { data, host, port, rules, demo }: StartOptions): EmbeddedConfig {
  const wanted = port === undefined ? config.http.port : Number(port);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535)
    throw new CommandError(`--port: expected a number from 0 to 65535, got "${port}"`, exitCodes.badConfig);
  const dir = data ?? (demo ? mkdtempSync(join(tmpdir(), 'gatewatch-demo-')) : config.data_dir);
  return {
    ...config,
    data_dir: resolve(dir),
    http: { ...config.http, host: host ?? config.http.host, port: wanted },
    detection: { ...config.detection, rules: [...config.detection.rules, ...rules] },
  };
}

function sourcesOf({ sources }: EmbeddedConfig): [string, SourceSettings][] {
  const configured = sources.map((source): [string, SourceSettings] => [source.name, configuredSource(source)]);
  return [['http', { name: 'http', format: 'auto' }], ['demo', { name: 'demo', format: 'auto' }], ...configured];
}

function followedFiles(
  { follow, format, timeZone }: StartOptions,
  { sources }: EmbeddedConfig,
): { targets: FollowTarget[]; sources: SourceSettings[] } {
  const configured = sources.flatMap(({ name, follow: paths = [] }) => paths.map((path) => ({ path, source: name })));
  const taken = new Set(['http', 'demo', ...sources.map(({ name }) => name)]);
  // A file on this machine most likely has this machine's time.
  const zone = timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const given = follow.map((path) => {
    const plain = path === stdinPath ? 'stdin' : basename(path);
    let name = plain;
    for (let n = 2; taken.has(name); n++) name = `${plain}-${n}`;
    taken.add(name);
    return { path, settings: sourceSettings(name, { format, timeZone: zone }) };
  });
  const targets = [...configured, ...given.map(({ path, settings }) => ({ path, source: settings.name }))];
  const [, twice] = targets.filter(({ path }) => path === stdinPath);
  if (twice) throw new CommandError('Standard input (-) is followed twice: expected one source for it.', exitCodes.badConfig);
  return {
    targets,
    sources: given.map(({ settings }) => settings),
  };
}

function stopOnSignals(service: Service, logger: Logger): AbortSignal {
  const stop = new AbortController();
  const end = (): void => {
    if (stop.signal.aborted) process.exit(1);
    logger.info('Stopping: the batch in hand is finished and a checkpoint written.', {});
    stop.abort();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('SIGHUP', () => service.reloadRules());
  return stop.signal;
}

interface Welcome {
  readonly url: string;
  readonly config: EmbeddedConfig;
  readonly followed: readonly FollowTarget[];
  readonly rules: number;
  readonly colour: boolean;
}

function welcome({ firstKeys, syslog }: Service, { url, config, followed, rules, colour }: Welcome): string {
  const paint = painter(colour);
  const lines = [
    `${paint('bold', 'Gatewatch is up')}: ${url}  (documentation: ${url}/docs)`,
    `  data in ${config.data_dir}, ${rules} rules in force`,
    ...followed.map(
      ({ path, source }) => `  following ${path === stdinPath ? 'standard input' : printable(path)} as source ${printable(source)}`,
    ),
    ...syslog.flatMap(({ source, places }) => places.map((place) => `  syslog on ${place} as source ${source}`)),
  ];
  if (firstKeys.length) {
    lines.push('', paint('yellow', 'These keys are shown once; they are stored hashed:'));
    const use = { admin: 'manages keys', 'logs:write': 'write: may send logs', read: 'read: may ask' } as const;
    for (const { scope, text } of firstKeys)
      lines.push(`  ${(scope === 'logs:write' ? 'write' : scope).padEnd(6)} ${text.reveal()}   ${paint('gray', use[scope])}`);
    const write = firstKeys.find(({ scope }) => scope === 'logs:write')?.text.reveal() ?? '…';
    lines.push('', 'Send a log:', `  curl -H 'Authorization: Bearer ${write}' --data-binary @access.log ${url}/v1/logs`);
  }
  return `${lines.join('\n')}\n\n`;
}
