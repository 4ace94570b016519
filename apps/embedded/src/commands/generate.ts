import { createWriteStream, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { Command } from 'commander';
import { parseDuration, systemClock } from '#time';
import { generateTraffic, type Traffic } from '#traffic';
import { CommandError, type Io } from './io.js';

interface GenerateOptions {
  readonly seed: string;
  readonly lines: string;
  readonly end?: string;
  readonly duration: string;
  readonly format: string;
  readonly disorder: string;
  readonly duplicates: string;
  readonly attacks: boolean;
  readonly out?: string;
  readonly truth?: string;
}

export function addGenerate(program: Command, io: Io): void {
  program
    .command('generate')
    .description('Writes a seeded day of API traffic with planted attacks, and the truth about them.')
    .option('--seed <number>', 'the same seed gives the same bytes', '1')
    .option('--lines <number>', 'lines in all', '100000')
    .option('--end <time>', 'ISO time at which the log ends; now if absent')
    .option('--duration <duration>', 'length in event time', '1d')
    .option('--format <format>', 'combined, or ecs for JSON lines with ids and user names', 'combined')
    .option('--disorder <duration>', 'how far a line may stand after its place in time', '0s')
    .option('--duplicates <share>', 'share of lines sent twice (ecs only)', '0')
    .option('--no-attacks', 'ordinary traffic alone')
    .option('--out <file>', 'write there instead of standard output')
    .option('--truth <file>', 'write what was planted there, as JSON')
    .action((options: GenerateOptions) => generate(options, io));
}

async function generate(options: GenerateOptions, io: Io): Promise<void> {
  const traffic = generateTraffic({
    seed: integer('--seed', options.seed, 0),
    lines: integer('--lines', options.lines, 1000),
    end: options.end === undefined ? systemClock.now() : instant(options.end),
    duration: span('--duration', options.duration),
    format: options.format === 'ecs' || options.format === 'combined' ? options.format : unknownFormat(options.format),
    disorder: span('--disorder', options.disorder),
    duplicates: share(options.duplicates),
    attacks: options.attacks,
  });
  await (options.out === undefined ? writeOut(traffic, io) : writeFile(traffic, options.out));
  if (options.truth !== undefined) writeFileSync(options.truth, `${JSON.stringify(traffic.planted, null, 1)}\n`);
  io.err(
    `${traffic.written + traffic.repeated} lines, ${traffic.planted.filter(({ kind }) => kind !== 'near_miss').length} attacks planted\n`,
  );
}

async function writeOut(traffic: Traffic, io: Io): Promise<void> {
  for await (const block of traffic.blocks()) await io.out(Buffer.from(block).toString('utf8'));
}

async function writeFile(traffic: Traffic, path: string): Promise<void> {
  const file = createWriteStream(path);
  await once(file, 'open');
  for await (const block of traffic.blocks()) if (!file.write(block)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
}

function integer(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new CommandError(`${option}: expected a whole number from ${least}, got "${text}"`);
  return value;
}

function span(option: string, text: string): number {
  const millis = parseDuration(text);
  if (millis === undefined) throw new CommandError(`${option}: "${text}" is no duration; write 30s, 2m or 1d`);
  return millis;
}

function instant(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new CommandError(`--end: "${text}" is no ISO time; write 2026-01-15T00:00:00Z`);
  return time;
}

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 0.5)) throw new CommandError(`--duplicates: expected a share from 0 to 0.5, got "${text}"`);
  return value;
}

function unknownFormat(text: string): never {
  throw new CommandError(`--format: expected combined or ecs, got "${text}"`);
}
