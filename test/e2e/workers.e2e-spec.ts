import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { gatewatch } from './gatewatch-process.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-workers-'));
const run = (...args: string[]) => gatewatch(args, { cwd: dir });

/** Everything but when the run took place. */
const signals = (stdout: string): unknown[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const signal = JSON.parse(line) as { event: { created?: string } };
      delete signal.event.created;
      return signal;
    });

beforeAll(async () => {
  const { code, stderr } = await run('generate', '--seed', '7', '--lines', '60000', '--end', '2026-01-15T12:00:00Z', '--out', 'day.log');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  // Floods that only traffic rules match, keys that are missing, JSON with ids of its own, and lines that are none.
  const flood = Array.from(
    { length: 3000 },
    (_, i) =>
      `2001:db8::${(i % 7).toString(16)} - - [15/Jan/2026:10:00:${String(Math.floor(i / 50)).padStart(2, '0')} +0000] "GET /p/${i % 90}?q=ü HTTP/1.1" 404 12 "-" "curl/8.5"`,
  );
  const json = Array.from({ length: 300 }, (_, i) =>
    JSON.stringify({
      '@timestamp': new Date(Date.UTC(2026, 0, 15, 10) + i * 100).toISOString(),
      event: { id: `own-${i}`, category: ['authentication'], action: 'authn_login_fail', outcome: 'failure' },
      source: { ip: '198.51.100.7' },
      user: { name: `u${i % 40}` },
    }),
  );
  writeFileSync(join(dir, 'odd.log'), [...flood, 'what is this', '', ...json, '\u0000\ufffd'].join('\n'));
});

describe('scan with several workers', () => {
  it('finds the same signals, in the same order, with the same ids and evidence', async () => {
    for (const files of [['day.log'], ['odd.log'], ['odd.log', 'day.log']]) {
      const [one, three] = await Promise.all([run('scan', '--json', ...files), run('scan', '--json', '--workers', '3', ...files)]);
      expect({ code: three.code, stderr: three.stderr }).toEqual({ code: 0, stderr: '' });
      expect(signals(one.stdout).length).toBeGreaterThan(1);
      expect(signals(three.stdout)).toEqual(signals(one.stdout));
    }
  });

  it('prints the same report', async () => {
    const report = ({ stdout }: { stdout: string }): string => stdout.replace(/ in [\d.]+ s \([\d,]+ a second\)/, '');
    const [one, two] = await Promise.all([run('scan', '--all', 'odd.log'), run('scan', '--all', '--workers', '2', 'odd.log')]);
    expect(report(two)).toBe(report(one));
  });

  it('refuses a number of workers that is none', async () => {
    const { code, stderr } = await run('scan', '--workers', 'many', 'odd.log');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('--workers: "many" is not a number of threads from 1 to 16') as string,
    });
  });
});
