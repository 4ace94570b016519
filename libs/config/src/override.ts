import type { Environment } from './environment.js';
import { nearest, plain } from './nearest.js';
import { formatPath, type ConfigProblem, type Path } from './problem.js';
import { alternatives, isSecret, keysOf, kindOf, schemasAt, type Schema } from './schema-path.js';
import { isContainer, keyOf, type Tree } from './tree.js';

const prefix = 'GATEWATCH__';

/**
 * Lays `GATEWATCH__SECTION__KEY=value` over the tree. Names are compared without case, `_` and `-`, so `GATEWATCH__INGEST__MAX_SKEW` sets
 * `ingest.maxSkew`; a number names an entry of a list, one past the end appends.
 */
export function applyOverrides(tree: Tree, schema: Schema, env: Environment, problems: ConfigProblem[]): void {
  for (const name of Object.keys(env)
    .filter((each) => each.startsWith(prefix))
    .sort()) {
    const text = env[name];
    if (text === undefined) continue;
    const place = { file: `environment:${name}` };
    const found = locate(tree, schema, name.slice(prefix.length).split('__'));
    if ('wrong' in found) {
      problems.push({ ...place, path: formatPath(found.path), message: found.wrong, remedy: found.remedy });
      continue;
    }
    makeContainers(tree, schema, found.path);
    tree.set(found.path, text);
    tree.writtenAt(found.path, place);
    tree.soft.set(keyOf(found.path), { path: found.path, origin: name });
  }
}

type Located = { readonly path: Path } | { readonly path: Path; readonly wrong: string; readonly remedy?: string };

function locate(tree: Tree, schema: Schema, steps: readonly string[]): Located {
  let path: Path = [];
  for (const word of steps) {
    const schemas = schemasAt(schema, path, tree.root);
    const step = match(word, { tree, schema, path, schemas });
    if (step === undefined) {
      const known = keysOf(schemas);
      const meant = nearest(word, known);
      const remedy = meant ? `did you mean \`${meant}\`?` : known.length ? `known keys: ${known.join(', ')}` : undefined;
      return { path: [...path, word.toLowerCase()], wrong: 'no such key', remedy };
    }
    path = [...path, step];
  }
  return { path };
}

interface Surroundings {
  readonly tree: Tree;
  readonly schema: Schema;
  readonly path: Path;
  readonly schemas: readonly Schema[];
}

function match(word: string, { tree, schema, path, schemas }: Surroundings): string | number | undefined {
  const present = tree.at(path);
  if (schemas.some((one) => kindOf(one) === 'array') && /^\d{1,4}$/.test(word)) {
    const length = Array.isArray(present) ? present.length : 0;
    return Number(word) <= length ? Number(word) : undefined;
  }
  const known = keysOf(schemas);
  const same = known.find((key) => plain(key) === plain(word));
  if (same !== undefined) return same;
  const base = /^(.+)_file$/i.exec(word)?.[1];
  const fromFile = base === undefined ? undefined : known.find((key) => plain(key) === plain(base));
  if (fromFile !== undefined && isSecret(schema, [...path, fromFile], tree.root)) return `${fromFile}_file`;
  if (!schemas.some((one) => kindOf(one) === 'record')) return undefined;
  const written = isContainer(present) ? Object.keys(present).find((key) => plain(key) === plain(word)) : undefined;
  return written ?? word.toLowerCase();
}

function makeContainers(tree: Tree, schema: Schema, path: Path): void {
  for (let length = 0; length < path.length; length++) {
    const above = path.slice(0, length);
    if (isContainer(tree.at(above))) continue;
    const isList = schemasAt(schema, above, tree.root)
      .flatMap((one) => alternatives(one))
      .some((one) => kindOf(one) === 'array');
    tree.set(above, isList ? [] : {});
  }
}
