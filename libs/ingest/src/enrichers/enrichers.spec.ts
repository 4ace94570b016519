import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildEnrichers, enrichers } from './enrichers.js';

describe('the enrichers', () => {
  it('are all in the list, each with a README', () => {
    const here = new URL('./', import.meta.url);
    const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(enrichers).sort());
    for (const { name } of folders) expect(existsSync(new URL(`${name}/README.md`, here))).toBe(true);
    expect(buildEnrichers({ geoip: { enabled: false } }).map(({ name }) => name)).toEqual(['network', 'user-agent', 'autonomous-system']);
  });
});
