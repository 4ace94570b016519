import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCases } from './run-cases.js';
import { shippedRulesDir } from './shipped-rules.js';

const folders = readdirSync(shippedRulesDir(), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('shipped rules do what their cases say, in order, shuffled within grace and cut by restarts', () => {
  it.each(folders)('%s', { timeout: 300_000 }, (folder) => {
    expect(runCases(join(shippedRulesDir(), folder)).problems).toEqual([]);
  });
});
