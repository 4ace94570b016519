import { LineCounter, parseDocument } from 'yaml';
import type { DocumentedPath } from './route-table.js';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
const mostPaths = 20_000;

export type OpenapiResult =
  { readonly ok: true; readonly paths: readonly DocumentedPath[] } | { readonly ok: false; readonly problem: string };

/** The paths of an OpenAPI 3 or Swagger 2 description, in JSON or YAML, below each of its servers' base paths. */
export function readOpenapi(text: string): OpenapiResult {
  const lines = new LineCounter();
  // JSON is YAML. Aliases are bounded: a few bytes of them could unfold to anything.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  const [error] = document.errors;
  if (error) return { ok: false, problem: `line ${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}` };
  let tree: unknown;
  try {
    tree = document.toJS({ maxAliasCount: 1000 });
  } catch {
    // The only thing that it refuses.
    return { ok: false, problem: 'it has too many aliases' };
  }
  if (!isTree(tree) || !isTree(tree['paths'])) return { ok: false, problem: 'expected an OpenAPI description with "paths", found none' };
  const entries = Object.entries(tree['paths']).filter(([path]) => path.startsWith('/'));
  const bases = basesOf(tree);
  if (entries.length * bases.length > mostPaths)
    return { ok: false, problem: `expected at most ${mostPaths} paths, found ${entries.length * bases.length}` };
  const paths = entries.flatMap(([path, description]) => {
    const known = isTree(description) ? methods.filter((method) => method in description) : [];
    // A path may have servers of its own (OpenAPI 3.1, 4.8.9).
    const own = isTree(description) && Array.isArray(description['servers']) ? basesOf({ servers: description['servers'] }) : bases;
    return own.map((base) => ({ template: base + path, methods: known }));
  });
  return { ok: true, paths };
}

/** The path parts of the servers; `''` where there is none. Variables of a server's URL take their defaults. */
function basesOf(tree: Record<string, unknown>): string[] {
  if (typeof tree['basePath'] === 'string') return [trimmed(tree['basePath'])];
  const servers: unknown[] = Array.isArray(tree['servers']) ? (tree['servers'] as unknown[]).slice(0, 50) : [];
  const bases = servers.flatMap((server) => {
    if (!isTree(server) || typeof server['url'] !== 'string') return [];
    const variables = isTree(server['variables']) ? server['variables'] : {};
    const url = server['url'].replace(/\{([^{}]{1,64})\}/g, (_, name: string) => defaultOf(variables[name]));
    return [trimmed(url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, '').split('?', 1)[0]!)];
  });
  return bases.length ? [...new Set(bases)] : [''];
}

function defaultOf(variable: unknown): string {
  return isTree(variable) && typeof variable['default'] === 'string' ? variable['default'] : '';
}

function trimmed(path: string): string {
  const plain = path.replace(/\/+$/, '');
  return plain === '' || plain.startsWith('/') ? plain : `/${plain}`;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
