import { mkdtempSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkReveals } from '../reveals/reveal-record.js';
import { runCommand } from './commands.js';
import type { Io } from './io.js';

let folder: string;
let config: string;
let record: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatewatch-reveal-'));
  config = join(folder, 'gatewatch.yml');
  record = join(folder, 'data', 'reveals.ndjson');
  writeFileSync(join(folder, 'pseudonyms.key'), 'the key of this spec');
  writeFileSync(
    config,
    `data_dir: ${join(folder, 'data')}\ningest:\n  redact:\n    pseudonyms:\n      addresses: true\n      key_file: ${join(folder, 'pseudonyms.key')}\n`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => Promise.resolve(void (out += text)),
    err: (text) => void (err += text),
    outTty: false,
    errTty: false,
    env: {},
  };
  return { code: await runCommand([...args, '--config', config], io), out, err };
}

describe('gatewatch reveal', () => {
  it('tells who it is after it has written down who asked and why', async () => {
    const made = await run('pseudonym', 'alice@example.com', '--reason', 'TICKET-7: request of the person');
    const told = await run('reveal', made.out.trim(), '--reason', 'TICKET-8: account takeover');
    expect([told.code, told.out]).toEqual([0, 'alice@example.com\n']);
    const address = await run('pseudonym', '203.0.113.7', '--reason', 'TICKET-9');
    expect((await run('reveal', address.out.trim(), '--reason', 'TICKET-9')).out).toBe('203.0.113.7\n');
    const lines = readFileSync(record, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { action: 'pseudonym', outcome: 'told', pseudonym: made.out.trim() },
      { action: 'reveal', outcome: 'revealed', pseudonym: made.out.trim(), reason: 'TICKET-8: account takeover' },
      { action: 'pseudonym' },
      { action: 'reveal' },
    ]);
    expect(lines.join('')).not.toContain('alice');
    expect(statSync(record).mode & 0o777).toBe(0o600);
  });

  it('refuses without a reason, and then writes nothing', async () => {
    for (const reason of [[], ['--reason', '  ']]) {
      const { code, out, err } = await run('reveal', 'u_AAAA', ...reason);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain('--reason');
    }
    expect(existsSync(record)).toBe(false);
  });

  it('keeps a record of vain attempts too, and says nothing where it cannot keep one', async () => {
    expect(await run('reveal', 'u_AAAA', '--reason', 'looking')).toMatchObject({ code: 1, out: '' });
    expect(readFileSync(record, 'utf8')).toContain('"outcome":"unknown"');
    const pseudonym = (await run('pseudonym', 'alice', '--reason', 'looking')).out.trim();
    const { code, out, err } = await run('reveal', pseudonym, '--reason', 'looking', '--record', join(config, 'record'));
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('reveals_unwritable');
  });

  it('shows in the record when a line was changed or taken out', async () => {
    for (const nth of [1, 2, 3]) await run('pseudonym', `user${nth}`, '--reason', `number ${nth}`);
    const sound = await run('reveals', 'check');
    expect([sound.code, sound.out]).toEqual([0, expect.stringContaining('3 lines, each follows from the one before')]);
    const lines = readFileSync(record, 'utf8').split('\n');
    for (const damaged of [
      [lines[0], lines[2], ''],
      [lines[0]!.replace('number', 'NUMBER'), lines[1], ''],
      [lines[0], lines[1]!.slice(0, 40)],
    ]) {
      writeFileSync(record, damaged.join('\n'));
      expect(checkReveals(record).broken).toBe(2);
      const { code, out, err } = await run('reveals', 'check', '--record', record);
      expect([code, out, err]).toEqual([1, '', expect.stringContaining(`${record}:2  does not follow`)]);
    }
  });

  it('says that there is no record, which is no sound one', async () => {
    const { code, out, err } = await run('reveals', 'check');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('there is no such file');
  });
});

it('names a command that is there when one is misspelt', async () => {
  expect((await run('revael')).err).toContain('there is no command "revael"; did you mean reveal?');
  expect(await run('\u001b[2J')).toMatchObject({ code: 1, out: '', err: expect.not.stringContaining('\u001b') as string });
});
