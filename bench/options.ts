import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchOptions {
  /** Goal numbers; empty for all. */
  readonly goals: readonly number[];
  /** Lines of the workload; each goal has a default of its own. */
  readonly lines: number | undefined;
  readonly seed: number;
  /** Measured pairs: A B A B … */
  readonly rounds: number;
  /** A folder with `access.log`, `access.ecs.ndjson` and `truth.json` from another generator. */
  readonly workload: string | undefined;
  /** Where generated workloads are kept for the next call; a temporary folder, removed at the end, where absent. */
  readonly dir: string | undefined;
  /** Folder of the 36 rules of goal 3, instead of our own. */
  readonly rules: string | undefined;
  /** Folder with other projects' test data for goal 20. */
  readonly samples: string | undefined;
  /** Length of the live run of goal 13, in seconds. */
  readonly seconds: number;
  /** Events a second of the live run. */
  readonly rate: number;
  /** Also what takes minutes: ten million lines. */
  readonly long: boolean;
  /** Write `bench/results.json`. */
  readonly save: boolean;
}

export const usage = `npm run bench -- [goal…] [options]
  --lines N        lines of the workload (default: what each goal needs)
  --seed N         seed of the workload (1)
  --rounds N       measured pairs, A B A B (3)
  --workload DIR   access.log, access.ecs.ndjson, truth.json made elsewhere
  --dir DIR        keep generated workloads here for the next call
  --rules DIR      36 rules for goal 3 instead of our own
  --samples DIR    goal 20 also on the raw logs of DIR/integrations
  --seconds N      length of the live run of goal 13 (70)
  --rate N         events a second of the live run (5000)
  --long           goal 12 with ten million lines, too
  --save           write bench/results.json
`;

/** @throws Error with a sentence for the caller. */
export function readOptions(args: readonly string[]): BenchOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      lines: text,
      seed: text,
      rounds: text,
      workload: text,
      dir: text,
      rules: text,
      samples: text,
      seconds: text,
      rate: text,
      long: flag,
      save: flag,
    },
  });
  return {
    goals: positionals.map((word) => whole('goal', word)),
    lines: values.lines === undefined ? undefined : whole('--lines', values.lines, 1000),
    seed: whole('--seed', values.seed ?? '1', 0),
    rounds: whole('--rounds', values.rounds ?? '3'),
    workload: values.workload,
    dir: values.dir,
    rules: values.rules,
    samples: values.samples,
    seconds: whole('--seconds', values.seconds ?? '70'),
    rate: whole('--rate', values.rate ?? '5000'),
    long: values.long,
    save: values.save,
  };
}

function whole(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) throw new Error(`${name}: expected a whole number from ${least}, got "${text}"`);
  return value;
}
