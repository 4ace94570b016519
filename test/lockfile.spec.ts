import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { root } from './files.js';
import { foreignLicences, missingOptionals, resolvedEntries, type Lock } from './lockfile.js';

const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as Lock;

describe('the lock file', () => {
  it('names no address: whoever installs decides where from', () => {
    expect(resolvedEntries(lock)).toEqual([]);
  });

  it('is whole for every platform: each optional dependency is locked too', () => {
    expect(missingOptionals(lock)).toEqual([]);
  });

  it('has only permissive licences in production', () => {
    const read = (path: string): string | undefined =>
      existsSync(`${root}${path}/package.json`) ? readFileSync(`${root}${path}/package.json`, 'utf8') : undefined;
    expect(foreignLicences(lock, read)).toEqual([]);
  });
});

describe('the checks', () => {
  it('find an address', () => {
    expect(resolvedEntries({ packages: { 'node_modules/a': { resolved: 'https://example.org/a.tgz' }, 'node_modules/b': {} } })).toEqual([
      'node_modules/a',
    ]);
  });

  it('find a platform that was left out, also below another package', () => {
    const packages = {
      'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-mac': '1' } },
      'node_modules/a/node_modules/a-linux': { optional: true },
    };
    expect(missingOptionals({ packages })).toEqual(['node_modules/a needs a-mac']);
  });

  it('find a licence that is not permissive, and one that is missing', () => {
    const licences: Record<string, string> = {
      'node_modules/a': '{"license":"MIT"}',
      'node_modules/b': '{"license":"AGPL-3.0"}',
      'node_modules/c': '{}',
      'node_modules/d': '{"license":"(GPL-3.0 OR MIT)"}',
      'node_modules/e': '{"license":"GPL-3.0"}',
      'node_modules/f': '{"license":"MIT AND GPL-2.0"}',
      'node_modules/g': '{"licenses":[{"type":"BSD"}]}',
    };
    const packages = Object.fromEntries(Object.keys(licences).map((path) => [path, path.endsWith('/e') ? { dev: true } : {}]));
    expect(foreignLicences({ packages }, (path) => licences[path])).toEqual([
      'node_modules/b: AGPL-3.0',
      'node_modules/c: none given',
      'node_modules/f: MIT AND GPL-2.0',
    ]);
  });
});
