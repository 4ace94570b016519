import { readFileSync } from 'node:fs';
import { formatProblems, type ConfigProblem } from '#config';
import { checkMapping, mappingDifferences, readMapping, type MappingFile } from '#ingest';
import { printable } from '#telemetry';
import { CommandError, type Io } from './io.js';

/** Reads a mapping file. @throws CommandError with one problem a line. */
export function loadMapping(path: string): MappingFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(`${printable(path)} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = readMapping(text, path);
  if (!result.ok) throw new CommandError(result.problems.join('\n'));
  return result.file;
}

/** Runs the cases of a mapping file. @throws CommandError with one difference a line. */
export async function checkCases(mapping: MappingFile, timeZone: string | undefined, io: Io): Promise<void> {
  const differences = checkMapping(mapping, timeZone);
  if (differences.length > 0) throw new CommandError(differences.map((each) => `${mapping.name}: ${each}`).join('\n'));
  const { length } = mapping.cases;
  if (length === 0) await io.out(`${mapping.name}: valid, but without cases: nothing shows that it reads your lines\n`);
  else await io.out(`${mapping.name}: ${length} ${length === 1 ? 'case passes' : 'cases pass'}\n`);
}

/** A mapping file that a source names. */
export interface NamedMapping {
  readonly file: string;
  /** Where the configuration names it. */
  readonly path: string;
  readonly timeZone: string | undefined;
}

/** Everything that is wrong with mapping files and their cases, one line each with file, line and path; empty where nothing is. */
export function mappingProblems(named: readonly NamedMapping[], configFile: string): string {
  const told: string[] = [];
  for (const { file, path, timeZone } of named) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      const problem = { file: configFile, path, message: `${file} cannot be read: ${(error as Error).message}` };
      told.push(formatProblems([problem]));
      continue;
    }
    const result = readMapping(text, file);
    if (!result.ok) told.push(...result.problems.map((problem) => printable(problem)));
    else told.push(formatProblems(mappingDifferences(result.file, timeZone).map((each) => caseProblem(file, each))));
  }
  return told.filter(Boolean).join('\n');
}

function caseProblem(file: string, { nth, line, message }: ReturnType<typeof mappingDifferences>[number]): ConfigProblem {
  return { file, ...(line !== undefined && { line }), path: `cases[${nth}]`, message };
}
