import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * The file that the store's thread starts with. From `dist` it is the compiled neighbour. From source (vitest, whose transforms do not reach
 * worker threads) the folder `worker/`, which imports only itself, `node:` and DuckDB, is transpiled into `node_modules/.cache`, by content.
 */
export async function workerEntry(): Promise<URL> {
  if (!import.meta.url.endsWith('.ts')) return new URL('./worker/worker.js', import.meta.url);
  const source = fileURLToPath(new URL('./worker/', import.meta.url));
  const files = readdirSync(source).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  const texts = files.map((file) => [file, readFileSync(join(source, file), 'utf8')] as const);
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16);
  const cache = fileURLToPath(new URL('../../../../node_modules/.cache/gatewatch/', import.meta.url));
  const target = join(cache, hash);
  if (!exists(target)) await transpile(texts, target);
  return pathToFileURL(join(target, 'worker.js'));
}

async function transpile(texts: readonly (readonly [file: string, text: string])[], target: string): Promise<void> {
  const { default: typescript } = await import('typescript');
  const unfinished = `${target}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, 'package.json'), '{"type":"module"}');
  for (const [file, text] of texts) {
    const { outputText } = typescript.transpileModule(text, {
      compilerOptions: { module: typescript.ModuleKind.ESNext, target: typescript.ScriptTarget.ES2022, verbatimModuleSyntax: true },
    });
    writeFileSync(join(unfinished, file.replace(/\.ts$/, '.js')), outputText);
  }
  try {
    renameSync(unfinished, target);
  } catch (error) {
    // Another process made the same thing meanwhile.
    rmSync(unfinished, { recursive: true, force: true });
    if (!exists(target)) throw error;
  }
}

function exists(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}
