import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import type { Environment } from './environment.js';
import { explainIssues } from './explain.js';
import { applyOverrides } from './override.js';
import type { ConfigProblem, Path } from './problem.js';
import { readSecretFiles, reasonOf } from './secret-file.js';
import { isContainer, type Tree } from './tree.js';
import { readTree } from './yaml-tree.js';

const maxFileBytes = 4 * 2 ** 20;

export interface ConfigSource<S extends z.ZodType> {
  /** Composed by the app from the slices of its libraries; strict objects, so that a misspelt key is found. */
  readonly schema: S;
  /** The YAML file; without it only the environment and the defaults count. */
  readonly file?: string;
  /** What {@link readEnvironment} gives, or a test's own. */
  readonly env: Environment;
  /** The file's content where it was read already; `file` then only names it. */
  readonly text?: string;
}

export type ConfigResult<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly ConfigProblem[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * Reads one YAML file and the environment into a validated, deeply frozen value, or tells everything that is wrong with them at once.
 *
 * In order: YAML → `${NAME}` in texts → `GATEWATCH__SECTION__KEY` over it → `<key>_file` of secrets → schema. What comes from the environment is
 * text; it becomes a number, a boolean or a list, as YAML reads it, only where the schema does not take the text: a password `0123` stays what it is.
 */
export function loadConfig<S extends z.ZodType>({ schema, file, env, text }: ConfigSource<S>): ConfigResult<z.output<S>> {
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  const name = file ?? (text === undefined ? 'defaults' : 'configuration');
  const content = text ?? (file === undefined ? '' : readText(file, problems));
  if (content === undefined) return { ok: false, problems };
  const tree = readTree(content, name, env, problems);
  if (!tree) return { ok: false, problems };
  applyOverrides(tree, schema, env, problems);
  readSecretFiles(tree, schema, name, { problems, warnings });
  const result = validate(schema, tree);
  if (!result.success) problems.push(...explainIssues(result.error.issues, tree, schema));
  if (!result.success || problems.length) return { ok: false, problems };
  return { ok: true, value: deepFreeze(result.data), warnings };
}

function readText(file: string, problems: ConfigProblem[]): string | undefined {
  const problem = (message: string, remedy?: string): undefined => void problems.push({ file, path: '', message, remedy });
  try {
    if (statSync(file).size > maxFileBytes) return problem('larger than 4 MiB: is it the right file?');
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) return problem('not UTF-8 text', 'save the file as UTF-8');
    return problem(`cannot be read: ${reasonOf(error)}`);
  }
}

/** Validates; where text from the environment does not fit, tries what YAML makes of it. Ends, since every value is changed at most once. */
function validate<S extends z.ZodType>(schema: S, tree: Tree): z.ZodSafeParseResult<z.output<S>> {
  const text = new Map(tree.soft);
  for (;;) {
    const result = schema.safeParse(tree.root);
    if (result.success) return result;
    let changed = false;
    for (const [key, { path }] of text) {
      if (!result.error.issues.some((issue) => blames(issue, path))) continue;
      text.delete(key);
      const value = scalar(tree.at(path));
      if (value === tree.at(path)) continue;
      tree.set(path, value);
      changed = true;
    }
    if (!changed) return result;
  }
}

function blames({ code, path }: z.core.$ZodIssue, at: Path): boolean {
  const above = path.every((step, i) => at[i] === step);
  if (code === 'invalid_union') return above;
  return (code === 'invalid_type' || code === 'invalid_value') && above && path.length === at.length;
}

function scalar(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    return parse(text, { logLevel: 'silent', maxAliasCount: 0 }) as unknown;
  } catch {
    // Not YAML: then it is the text itself, and the schema says what it wanted.
    return text;
  }
}

/** Freezes mappings and lists; what has a class of its own (a `Secret`) looks after itself. */
function deepFreeze<T>(value: T): T {
  if (!isContainer(value) || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
