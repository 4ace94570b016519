import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { formatPath, type ConfigProblem, type Path } from './problem.js';
import { keysOf, schemasAt, type Schema } from './schema-path.js';
import { blocks } from './block.js';
import { isContainer, type Tree } from './tree.js';

const maxBytes = 65_536;

export interface Findings {
  readonly problems: ConfigProblem[];
  readonly warnings: ConfigProblem[];
}

/**
 * Replaces every `<key>_file: path` whose `<key>` is a secret by the trimmed text of that file. Paths are relative to the configuration file.
 * Done on the tree, so that schemas know only `<key>`.
 */
export function readSecretFiles(tree: Tree, schema: Schema, file: string, findings: Findings): void {
  visit(tree.root, []);

  function visit(node: unknown, path: Path): void {
    if (!isContainer(node)) return;
    for (const key of Object.keys(node)) {
      const step = Array.isArray(node) ? Number(key) : key;
      const at = [...path, step];
      const target = typeof step === 'string' && step.endsWith('_file') ? step.slice(0, -'_file'.length) : undefined;
      if (target !== undefined && takesFile(path, step as string, target)) replace(path, step as string, target);
      else visit(node[step], at);
    }
  }

  function takesFile(path: Path, key: string, target: string): boolean {
    if (keysOf(schemasAt(schema, path, tree.root)).includes(key)) return false;
    return schemasAt(schema, [...path, target], tree.root).some((one) => blocks.get(one)?.secret);
  }

  function replace(path: Path, key: string, target: string): void {
    const from = [...path, key];
    const to = [...path, target];
    const name = tree.at(from);
    const place = tree.placeOf(from);
    const problem = (message: string, remedy?: string): void => {
      findings.problems.push({ ...place, path: formatPath(from), message, remedy });
      tree.breakAt(to);
      tree.remove(from);
    };
    if (tree.isBroken(from)) return tree.remove(from);
    if (tree.at(to) !== undefined) return problem(`\`${target}\` and \`${key}\` are both given`, 'keep one of them');
    if (typeof name !== 'string' || name === '') return problem('expected the path of a file');
    const read = readSecret(resolve(dirname(file), name));
    if ('wrong' in read) return problem(`${JSON.stringify(name)} ${read.wrong}`, read.remedy);
    if (read.odd)
      findings.warnings.push({ ...place, path: formatPath(from), message: `${JSON.stringify(name)} ${read.odd}`, remedy: 'chmod 600' });
    tree.remove(from);
    tree.set(to, read.text);
    tree.writtenAt(to, place);
  }
}

type SecretRead = { readonly text: string; readonly odd?: string } | { readonly wrong: string; readonly remedy?: string };

function readSecret(path: string): SecretRead {
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    const { mode, size } = fstatSync(handle);
    if (size > maxBytes) return { wrong: 'is larger than 64 KiB: is it the right file?' };
    const text = readFileSync(handle, 'utf8').trim();
    if (text === '') return { wrong: 'is empty' };
    // Windows has no such modes.
    const open = process.platform === 'win32' ? 0 : mode & 0o007;
    return { text, odd: open ? `can be ${open & 0o002 ? 'changed' : 'read'} by every user of this machine` : undefined };
  } catch (error) {
    return { wrong: `cannot be read: ${reasonOf(error)}`, remedy: 'the path is relative to the configuration file' };
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
};

/** Why a file could not be read, in words. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return (code && reasons[code]) || code || String(error);
}
