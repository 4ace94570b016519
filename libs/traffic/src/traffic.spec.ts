import { describe, expect, it } from 'vitest';
import { generateTraffic, type TrafficOptions } from './index.js';

const options: TrafficOptions = { seed: 7, lines: 20_000, end: Date.UTC(2026, 0, 16) };

async function textOf(over: Partial<TrafficOptions> = {}): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const block of generateTraffic({ ...options, ...over }).blocks()) parts.push(block);
  return Buffer.concat(parts).toString('utf8');
}

async function linesOf(over: Partial<TrafficOptions> = {}): Promise<string[]> {
  return (await textOf(over)).trimEnd().split('\n');
}

function stampOf(line: string): number {
  const [, day, month, rest] = /\[(\d+)\/(\w+)\/([^\]]+)\]/.exec(line)!;
  return Date.parse(`${day} ${month} ${rest!.replace(':', ' ')}`);
}

describe('generated traffic', () => {
  it('is the same bytes for the same seed and other bytes for another', async () => {
    const first = await textOf();
    expect(await textOf()).toBe(first);
    expect(await textOf({ seed: 8 })).not.toBe(first);
  });

  it('has exactly the lines that were asked for, all within the day', async () => {
    const lines = await linesOf();
    expect(lines).toHaveLength(20_000);
    const times = lines.map(stampOf);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(options.end - 86_400_000);
    expect(Math.max(...times)).toBeLessThan(options.end);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('gives whole lines in each block', async () => {
    for await (const block of generateTraffic(options).blocks()) expect(block.at(-1)).toBe(10);
  });

  it('has every planted line where the truth says it is', async () => {
    const { planted } = generateTraffic(options);
    const lines = await linesOf();
    expect(planted.length).toBeGreaterThan(25);
    for (const { address, first, last, count } of planted) {
      if (address === undefined) continue;
      const own = lines.filter((line) => line.startsWith(`${address} `)).map(stampOf);
      expect(own).toHaveLength(count);
      expect(own[0]).toBe(Math.floor(first / 1000) * 1000);
      expect(own.at(-1)).toBe(Math.floor(last / 1000) * 1000);
    }
  });

  it('keeps lines within the disorder that was asked for', async () => {
    const times = (await linesOf({ disorder: 60_000 })).map(stampOf);
    let newest = 0;
    let worst = 0;
    for (const time of times) {
      worst = Math.max(worst, newest - time);
      newest = Math.max(newest, time);
    }
    expect(worst).toBeGreaterThan(20_000);
    expect(worst).toBeLessThanOrEqual(61_000);
  });

  it('repeats JSON lines with their ids', async () => {
    const lines = await linesOf({ format: 'ecs', duplicates: 0.05 });
    const ids = lines.map((line) => (JSON.parse(line) as { event: { id: string } }).event.id);
    expect(new Set(ids).size).toBe(20_000);
    expect(ids.length - 20_000).toBeGreaterThan(700);
  });

  it('names logins, users and outcomes in JSON', async () => {
    const failed = (await linesOf({ format: 'ecs' })).find((line) => line.includes('authn_login_fail') && line.includes('"user"'))!;
    expect(JSON.parse(failed)).toMatchObject({
      event: { category: ['web', 'authentication'], action: 'authn_login_fail', outcome: 'failure' },
      http: { request: { method: 'POST' }, response: { status_code: 401 } },
      url: { path: expect.stringMatching(/^\/api\/v1\/(?:login|oauth\/token)$/) as unknown },
    });
  });

  it('plants nothing on an ordinary day', () => {
    expect(generateTraffic({ ...options, attacks: false }).planted).toEqual([]);
  });

  it('plants more in a longer log, floods only where they drown nothing', () => {
    const kinds = (lines: number): Set<string> => new Set(generateTraffic({ ...options, lines }).planted.map(({ kind }) => kind));
    expect(kinds(20_000).has('flood')).toBe(false);
    expect(kinds(1_000_000).has('flood')).toBe(true);
    expect(generateTraffic({ ...options, lines: 1_000_000 }).planted.length).toBeGreaterThan(250);
  });
});
