import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { runCases, shippedRulesDir, type CaseReport } from '#detection';
import { printable } from '#telemetry';
import { systemClock } from '#time';
import { CommandError, exitCodes, type Io } from './io.js';

interface TestOptions {
  readonly shipped: boolean;
  readonly junit?: string;
}

/** The cases of one folder, for the report. */
interface Suite extends CaseReport {
  readonly name: string;
  readonly seconds: number;
}

export function addTest(rules: Command, io: Io): void {
  rules
    .command('test')
    .description(
      'runs the cases.yml of rule folders: in order, shuffled and delayed within grace, cut by restarts, read twice after crashes, split over sources, among foreign events',
    )
    .argument('[folders...]', 'folders that have rules with a cases.yml beside them, at any depth')
    .option('--no-shipped', 'leave the shipped rules out')
    .option('--junit <file>', 'write the results as JUnit XML, too')
    .action((folders: string[], options: TestOptions) => testRules(folders, options, io));
}

async function testRules(folders: readonly string[], { shipped, junit }: TestOptions, io: Io): Promise<void> {
  const roots = [...(shipped ? [shippedRulesDir()] : []), ...folders];
  const suites: Suite[] = [];
  for (const root of roots) {
    for (const folder of caseFolders(root)) {
      const start = systemClock.now();
      const report = runCases(folder);
      const suite = { ...report, name: relative(root, folder) || folder, seconds: (systemClock.now() - start) / 1000 };
      suites.push(suite);
      await io.out(
        `${report.problems.length ? 'failed' : 'ok    '}  ${printable(suite.name)}: ${report.cases.length} cases, ${report.runs} runs\n`,
      );
      for (const problem of report.problems) await io.out(`        ${printable(problem)}\n`);
    }
  }
  if (suites.length === 0) throw new CommandError('no folder with a cases.yml was found', exitCodes.badInput);
  if (junit !== undefined) writeFileSync(junit, junitXml(suites));
  const failed = suites.filter(({ problems }) => problems.length).length;
  await io.out(
    `${suites.length === 1 ? '1 folder' : `${suites.length} folders`}, ${suites.reduce((sum, { runs }) => sum + runs, 0)} runs: ${failed ? `${failed} failed` : 'all well'}\n`,
  );
  if (failed) throw new CommandError('', exitCodes.badInput);
}

function caseFolders(root: string): string[] {
  if (!existsSync(root)) throw new CommandError(`${root} is not there`, exitCodes.badInput);
  const below = readdirSync(root, { recursive: true, withFileTypes: true });
  return below.filter((entry) => entry.isFile() && entry.name === 'cases.yml').map((entry) => entry.parentPath).sort(); // prettier-ignore
}

/** JUnit XML as build servers read it: a suite a folder, a test a case in a variant. What concerns no single run is a test of its own. */
export function junitXml(suites: readonly Suite[]): string {
  const total = (pick: (suite: Suite) => number): number => suites.reduce((sum, suite) => sum + pick(suite), 0);
  const body = suites.map((suite) => {
    const ofRuns = new Set(suite.results.map(({ name, variant, problem }) => `${name} (${variant}): ${problem}`));
    const others = suite.problems.filter((problem) => !ofRuns.has(problem));
    const tests = [
      ...suite.results.map(({ name, variant, problem }) => testCase(suite.name, `${name} (${variant})`, problem)),
      ...others.map((problem) => testCase(suite.name, 'rules and cases', problem)),
    ];
    return `  <testsuite name="${escape(suite.name)}" tests="${tests.length}" failures="${suite.problems.length}" time="${suite.seconds.toFixed(3)}">\n${tests.join('')}  </testsuite>\n`;
  });
  const counts = `tests="${total((suite) => suite.results.length)}" failures="${total((suite) => suite.problems.length)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="gatewatch rules" ${counts}>\n${body.join('')}</testsuites>\n`;
}

function testCase(suite: string, name: string, problem: string | undefined): string {
  const head = `    <testcase classname="${escape(suite)}" name="${escape(name)}"`;
  return problem === undefined ? `${head}/>\n` : `${head}><failure message="${escape(problem)}"/></testcase>\n`;
}

function escape(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // eslint-disable-next-line no-control-regex -- XML 1.0 has no way to write these
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '\uFFFD').replace(/[&<>"]/g, (char) => named[char]!);
}
