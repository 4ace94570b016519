import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goals } from './goals/goals.js';
import type { Goal } from './goals/goal.js';
import { readOptions, usage, type BenchOptions } from './options.js';
import { root } from './product.js';
import { machine, render, type Outcome } from './report.js';
import { Workload } from './workload.js';

const words = { aim: 'aim reached', must: 'reached', missed: 'NOT reached' } as const;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(usage);
    return 0;
  }
  const options = readOptions(args);
  const unknown = options.goals.filter((wanted) => !goals.some(({ number }) => number === wanted));
  if (unknown.length) throw new Error(`no such goal: ${unknown.join(', ')}; there are ${goals.map(({ number }) => number).join(', ')}`);
  const chosen = goals.filter(({ number }) => !options.goals.length || options.goals.includes(number));
  console.log(`${machine()}\n`);
  const workload = new Workload(options);
  process.once('SIGINT', () => {
    workload.dispose();
    process.exit(130);
  });
  const outcomes = new Map<Goal, Outcome>();
  try {
    for (const goal of chosen) outcomes.set(goal, await measure(goal, options, workload));
  } finally {
    workload.dispose();
  }
  console.log(render({ head: ['goal', 'must', 'aim', 'figure', 'verdict'], rows: [...outcomes].map(summary) }));
  if (options.save) save(outcomes);
  return 0;
}

/** A goal that cannot be measured does not keep the others from it. */
async function measure(goal: Goal, options: BenchOptions, workload: Workload): Promise<Outcome> {
  console.log(`${goal.number}  ${goal.title}`);
  let outcome: Outcome;
  try {
    outcome = await goal.run({ options, workload });
  } catch (error) {
    outcome = { measured: false, reason: error instanceof Error ? error.message : String(error) };
  }
  if (!outcome.measured) {
    console.log(`  not measured: ${outcome.reason}\n`);
    return outcome;
  }
  const { tables, notes, bound, shown, verdict } = outcome;
  for (const table of tables) console.log(`${render(table)}\n`);
  for (const note of notes) console.log(`  ${note}`);
  console.log(`  bound by: ${bound}\n  → ${shown}; must ${goal.must}, aim ${goal.aim}: ${words[verdict]}\n`);
  return outcome;
}

function summary([{ number, must, aim }, outcome]: [Goal, Outcome]): string[] {
  const [shown, verdict] = outcome.measured ? [outcome.shown, words[outcome.verdict]] : ['–', 'not measured'];
  return [String(number), must, aim, shown, verdict];
}

/** Goals that were not asked for keep what an earlier call wrote of them. */
function save(outcomes: ReadonlyMap<Goal, Outcome>): void {
  const file = join(root, 'bench/results.json');
  const measured = new Date().toISOString();
  const entries = [...outcomes].map(([{ number, title, must, aim }, outcome]) => [
    number,
    { title, must, aim, at: measured, machine: machine(), ...outcome },
  ]);
  writeFileSync(file, `${JSON.stringify({ ...earlier(file), ...(Object.fromEntries(entries) as object) }, undefined, 2)}\n`);
}

function earlier(file: string): object {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as object;
  } catch {
    // The first call that saves.
    return {};
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
