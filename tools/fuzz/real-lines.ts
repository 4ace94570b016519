import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const formats = fileURLToPath(new URL('../../../libs/ingest/src/formats', import.meta.url));
const longestFile = 4 << 20;

/** Lines of the formats' own samples, by format, and of the `.log` files below further folders, which count for every format. */
export function realLines(folders: readonly string[]): {
  readonly all: readonly Buffer[];
  readonly of: ReadonlyMap<string, readonly Buffer[]>;
} {
  const of = new Map(readdirSync(formats).map((format) => [format, linesBelow(join(formats, format))] as const));
  const own = [...of.values()].flat();
  return { all: [...own, ...folders.flatMap((folder) => linesBelow(folder))], of };
}

function linesBelow(folder: string): Buffer[] {
  if (!statSync(folder).isDirectory()) return [];
  const found = new Set<string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (!name.endsWith('.log') || !isReadable(file)) continue;
    for (const line of readFileSync(file, 'latin1').split(/\r?\n/)) if (line !== '') found.add(line);
  }
  // In an order of their own, so that a seed means the same on every machine.
  return [...found].sort().map((line) => Buffer.from(line, 'latin1'));
}

function isReadable(file: string): boolean {
  const { size } = statSync(file);
  return statSync(file).isFile() && size <= longestFile;
}
