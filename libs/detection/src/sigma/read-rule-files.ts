import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceError } from '#telemetry';
import type { RuleFile } from './documents.js';

/**
 * Reads a rule file, or every `*.yml` and `*.yaml` below a folder, sorted by path; `cases.yml` holds tests of a rule and is left out.
 * Throws `ServiceError` `rules_unreadable` when the path is not there or may not be read.
 */
export function readRuleFiles(path: string): RuleFile[] {
  try {
    if (!statSync(path).isDirectory()) return [{ file: path, text: readFileSync(path, 'utf8') }];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => /\.ya?ml$/i.test(name) && !/(?:^|[\\/])cases\.ya?ml$/i.test(name))
      .map((name) => join(path, name))
      .filter((file) => statSync(file).isFile())
      .sort()
      .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
  } catch (cause) {
    throw new ServiceError('rules_unreadable', `Rules cannot be read from '${path}': ${(cause as Error).message}`, { cause });
  }
}
