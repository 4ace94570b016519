import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's root, with `/` at the end. */
export const root = fileURLToPath(new URL('../', import.meta.url));

const skipped = new Set(['node_modules', 'dist', 'data', '.git', 'fixtures', 'coverage', '.cache']);

/** Files below a folder of the repository whose path ends so, as paths from the root; none if there is no such folder. */
export function filesBelow(folder: string, ending: string): string[] {
  return entries(folder).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

/** Names of the folders directly below one. */
export function foldersIn(folder: string): string[] {
  return entries(folder)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Names of the files directly below a folder. */
export function filesIn(folder: string): string[] {
  return entries(folder)
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

function entries(folder: string) {
  try {
    return readdirSync(root + folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
