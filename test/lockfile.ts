/** What we read of a package-lock.json. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function resolvedEntries({ packages }: Lock): string[] {
  return Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined);
}

/** npm leaves out of the lock what it could not find when it was written; on that platform the package then lacks its binary. */
export function missingOptionals({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isResolvable(name, path, packages))
      .map((name) => `${path || 'package.json'} needs ${name}`),
  );
}

/** Node looks in the package's own node_modules, then in each one above it. */
function isResolvable(name: string, from: string, packages: Lock['packages']): boolean {
  for (let path = from; ;) {
    if (packages[`${path ? `${path}/` : ''}node_modules/${name}`]) return true;
    if (path === '') return false;
    const above = path.lastIndexOf('/node_modules/');
    path = above === -1 ? '' : path.slice(0, above);
  }
}

const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'Apache 2.0',
  'BlueOak-1.0.0',
  'BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/** Production packages whose licence asks for more than a notice. `read` gives a package.json, `undefined` where it is not installed (another platform). */
export function foreignLicences({ packages }: Lock, read: (path: string) => string | undefined): string[] {
  return Object.entries(packages).flatMap(([path, entry]) => {
    if (path === '' || entry.dev || entry.devOptional || entry.link) return [];
    const manifest = read(path);
    if (manifest === undefined) return [];
    const licence = licenceOf(JSON.parse(manifest) as Manifest);
    return licence !== undefined && isPermissive(licence) ? [] : [`${path}: ${licence ?? 'none given'}`];
  });
}

interface Manifest {
  readonly license?: string | { readonly type?: string };
  readonly licenses?: readonly { readonly type?: string }[];
}

function licenceOf({ license, licenses }: Manifest): string | undefined {
  if (typeof license === 'string') return license;
  return license?.type ?? licenses?.map(({ type }) => type).join(' OR ');
}

/** SPDX without nesting: one of the alternatives suffices, all of what is joined by AND must be permissive. */
function isPermissive(licence: string): boolean {
  return licence
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((alternative) => alternative.split(' AND ').every((one) => permissive.has(one.trim())));
}
