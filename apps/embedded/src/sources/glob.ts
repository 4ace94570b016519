import { readdirSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

/** True for a path with `*` or `?` in it. */
export function isGlob(path: string): boolean {
  return /[*?]/.test(path);
}

/** The files that match now, sorted. `*` and `?` stay within one name; a leading dot must be written out. */
export function expand(pattern: string): string[] {
  const names = resolve(pattern).split(sep);
  let found: string[] = [sep];
  for (const [index, name] of names.slice(1).entries()) {
    const last = index === names.length - 2;
    found = found.flatMap((folder) => (isGlob(name) ? matching(folder, name) : [join(folder, name)]).filter((path) => isThere(path, last)));
  }
  return found.sort();
}

function matching(folder: string, name: string): string[] {
  let there: string[];
  try {
    there = readdirSync(folder);
  } catch {
    // No folder, or none that may be read: nothing matches in it now.
    return [];
  }
  return there
    .filter((other) => (name.startsWith('.') || !other.startsWith('.')) && matches(name, other))
    .map((other) => join(folder, other));
}

function isThere(path: string, file: boolean): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && (file ? stat.isFile() : stat.isDirectory());
}

/** Greedy with one step back to the last star: linear in practice, never exponential, whatever the pattern. */
export function matches(pattern: string, name: string): boolean {
  let [p, n, star, mark] = [0, 0, -1, 0];
  while (n < name.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
