import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hashKeyOf } from './hash-key.js';

it('makes a key once, readable by its owner only, and refuses a broken one', () => {
  const directory = join(mkdtempSync(join(tmpdir(), 'gatewatch-key-')), 'data');
  const key = hashKeyOf(directory);
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(hashKeyOf(directory)).toBe(key);
  expect(statSync(join(directory, 'hash.key')).mode & 0o777).toBe(0o600);
  writeFileSync(join(directory, 'hash.key'), 'short');
  expect(() => hashKeyOf(directory)).toThrow(/32 characters/);
});
