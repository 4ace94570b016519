import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gatewatch, Service, until } from './gatewatch-process.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-long-'));
const lines = 300_000;
let service: Service | undefined;

afterAll(async () => {
  await service?.kill('SIGTERM');
});

describe('a long run', () => {
  it('stays within a small heap however much has gone through, and keeps the balance', async () => {
    const log = join(dir, 'day.log');
    const generated = await gatewatch(['generate', '--seed', '3', '--lines', String(lines), '--end', '2026-01-15T12:00:00Z', '--out', log]);
    expect(generated).toMatchObject({ code: 0 });
    // 300,000 lines are 66 MB of text and, as events, 500 MB: what kept them would end the process.
    service = await Service.start(['--data', join(dir, 'data'), '--follow', log], { NODE_OPTIONS: '--max-old-space-size=256' });
    const { read } = service.keys();
    const outcome = async (): Promise<Record<string, number>> => {
      const answer = await fetch(service!.url + '/metrics', { headers: { authorization: `Bearer ${read}` } });
      const found = (await answer.text()).matchAll(/^gatewatch_ingest_records_total\{source="(?!http)[^"]*",outcome="(\w+)"\} (\d+)$/gm);
      return Object.fromEntries([...found].map(([, name, amount]) => [name!, Number(amount)]));
    };
    const end = await until(outcome, ({ stored = 0, dead_letter = 0, blank = 0 }) => stored + dead_letter + blank >= lines, 800);
    expect(end).toMatchObject({ received: lines, stored: lines, dead_letter: 0, duplicate: 0, blank: 0 });
    expect(await service.kill('SIGTERM')).toBe(0);
    service = undefined;
  });
});
