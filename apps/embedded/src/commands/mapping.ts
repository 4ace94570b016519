import { readFileSync } from 'node:fs';
import { checkMapping, readMapping, type MappingFile } from '#ingest';
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
