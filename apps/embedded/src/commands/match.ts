import type { Command } from 'commander';
import { buildDetector, defaultDetectorSettings, JsonLines, type Detector, type JsonObservation, type RuleSet } from '#detection';
import { FieldIndex, type Signal } from '#ecs';
import { printable } from '#telemetry';
import { parseDuration, systemClock, type Millis } from '#time';
import { InputError, openInput } from '../input/blocks.js';
import { requireRuleSet } from '../rules/load-rule-set.js';
import { collect } from './input-options.js';
import { CommandError, exitCodes, type Io } from './io.js';
import { readTuning, sensitivityOption, tuningOption, type TuningOptions } from './tuning.js';

interface MatchOptions extends TuningOptions {
  readonly rules: string[];
  readonly grace: string;
  readonly quietMatches?: boolean;
  readonly ecs?: boolean;
}

export function addMatch(program: Command, io: Io): void {
  program
    .command('match')
    .description(
      'Runs Sigma rules over JSON events (NDJSON; any field names, dotted or nested) and prints one JSON line for each match and each signal.',
    )
    .argument('<files...>', 'NDJSON files, plain or gzip; - is standard input')
    .requiredOption('--rules <path>', 'rule file or folder, may be repeated; only these are used', collect)
    .option(...tuningOption)
    .option(...sensitivityOption)
    .option('--ecs', 'the events have ECS fields: translate the field names of Sigma rules to these')
    .option('--grace <duration>', 'how far events may be out of order', '2m')
    .option('--signals-only', 'leave out the lines of single matches')
    .action((files: string[], options: MatchOptions & { signalsOnly?: boolean }) =>
      runMatch(files, { ...options, quietMatches: options.signalsOnly }, io),
    );
}

async function runMatch(files: string[], options: MatchOptions, io: Io): Promise<void> {
  const grace = parseDuration(options.grace);
  if (grace === undefined) throw new CommandError(`--grace: "${options.grace}" is no duration; write 30s, 2m or 1h`);
  const index = new FieldIndex();
  const rules = requireRuleSet(options.rules, { index, shipped: false, mapped: options.ecs === true, tuning: readTuning(options) });
  const run = new MatchRun(rules, index, { grace, matches: !options.quietMatches });
  for (const file of files) await readInto(run, file, io);
  run.finish();
  await io.out(run.take());
  if (run.withoutTime && rules.correlations.length)
    io.err(`gatewatch: ${run.withoutTime} events have no time that can be read; correlations counted them at the time of reading\n`);
  if (run.rejected.length) throw new CommandError(`gatewatch: ${run.rejected.join('\n')}`, exitCodes.badInput);
}

/** An input that breaks off counts up to there, and ends the command with 1 when everything else was read. */
async function readInto(run: MatchRun, file: string, io: Io): Promise<void> {
  try {
    for await (const { payload } of openInput(file).blocks()) {
      run.read(payload);
      if (run.waiting) await io.out(run.take());
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    run.rejected.push(printable(error.message));
  }
}

const mostRejected = 20;

/** One run over all inputs: lines are numbered through. */
class MatchRun {
  readonly rejected: string[] = [];
  readonly #lines: JsonLines;
  readonly #detector: Detector;
  #rejectedCount = 0;
  #out: string[] = [];

  constructor(rules: RuleSet, index: FieldIndex, { grace, matches }: { grace: Millis; matches: boolean }) {
    const heads = rules.detections.map(({ rule }) => `{"rule":${JSON.stringify(rule.id)},"title":${JSON.stringify(rule.title)},"event":`);
    this.#detector = buildDetector({
      rules,
      index,
      host: { resolve: (event, slot) => event.values[slot], line: () => undefined },
      settings: {
        ...defaultDetectorSettings,
        grace: () => grace,
        ipv6Prefix: 128,
        episodes: false,
        durable: false,
        onMatch: matches
          ? (detection, event) =>
              this.#out.push(`${heads[detection]}${event.offset + 1},"@timestamp":${timeOf(event as JsonObservation)}}\n`)
          : undefined,
      },
    });
    this.#lines = new JsonLines({
      index,
      fields: [...new Set([...rules.matcher.fields, ...correlationFields(rules)])],
      allText: rules.matcher.readsAllText,
      mayHoldKeyword: rules.matcher.mayHoldKeyword,
      source: 'match',
      tag: 'match',
      maxSkew: Infinity,
    });
  }

  get waiting(): boolean {
    return this.#out.length > 2000;
  }

  get withoutTime(): number {
    return this.#lines.withoutTime;
  }

  read(payload: Buffer): void {
    this.#lines.read(payload, systemClock.now(), {
      event: (observation) => this.#detector.observe(observation),
      rejected: ({ offset, message }) => {
        if (this.#rejectedCount++ < mostRejected) this.rejected.push(printable(`line ${offset + 1}: ${message}`));
      },
    });
    this.#signals();
  }

  finish(): void {
    this.#detector.finish();
    this.#signals();
    if (this.#rejectedCount > mostRejected) this.rejected.push(`… and ${this.#rejectedCount - mostRejected} more lines`);
  }

  take(): string {
    const text = this.#out.join('');
    this.#out = [];
    return text;
  }

  #signals(): void {
    if (!this.#detector.changed) return;
    for (const signal of this.#detector.changes()) if (signal.status === 'closed') this.#out.push(signalLine(signal));
  }
}

function timeOf({ time, timed }: JsonObservation): string {
  return timed ? `"${new Date(time).toISOString()}"` : 'null';
}

function signalLine({ id, rule, group, count, distinct, first, last, reached }: Signal): string {
  const times = { first: new Date(first).toISOString(), last: new Date(last).toISOString(), '@timestamp': new Date(reached).toISOString() };
  return `${JSON.stringify({ rule: rule.id, title: rule.title, signal: id, type: rule.type, group, count, ...(distinct !== undefined && { distinct }), ...times })}\n`;
}

/** Fields that windows read, beside those of the predicates. */
function correlationFields({ correlations }: RuleSet): string[] {
  return correlations.flatMap((rule) => [
    ...rule.inputs.flatMap((input) => rule.groupBy.map((name) => rule.fieldOf(name, input))),
    ...(rule.otherFields ?? []),
    ...(rule.field === undefined ? [] : rule.inputs.map((input) => rule.fieldOf(rule.field!, input))),
    ...(rule.type === 'geo_velocity' ? ['source.geo.location', 'source.ip', 'source.geo.city_name', 'source.geo.country_iso_code'] : []),
  ]);
}
