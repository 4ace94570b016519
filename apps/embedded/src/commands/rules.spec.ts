import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './commands.js';
import type { Io } from './io.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'gatewatch-rules-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function rules(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => Promise.resolve(void (out += text)),
    err: (text) => void (err += text),
    outTty: false,
    errTty: false,
    env: {},
  };
  return { code: await runCommand(['rules', ...args], io), out, err };
}

const web =
  'title: Put\nid: 5f1e3c0a-0000-4000-8000-000000000001\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-method: PUT\n  condition: s\n';

describe('rules import', () => {
  it('tells what loads and why the rest does not, and writes what loads in our field names', async () => {
    const from = join(folder, 'from');
    mkdirSync(join(from, 'deep'), { recursive: true });
    writeFileSync(join(from, 'deep', 'web.yml'), web);
    for (const name of ['a', 'b'])
      writeFileSync(join(from, `${name}.yml`), web.replace('cs-method', `cs-method|${name}ontains`).replace('0001', `000${name}`));
    writeFileSync(join(from, 'info.yml'), 'tests: 1\n');
    const { code, out } = await rules('import', from, '--out', join(folder, 'to'));
    expect(code).toBe(0);
    expect(out.replaceAll(folder, '')).toBe(
      `1 files hold no rule (no detection, correlation or filter)
3 files: 1 load, 2 do not; 1 detections and 0 correlations
     2  unknown modifier …
        for example /from/a.yml:7
Mapping: webserver (1)
Written to /to: 1 files. Keep authors and licence where you share them.
`,
    );
    expect(readFileSync(join(folder, 'to', 'deep', 'web.yml'), 'utf8')).toBe(
      `${web.replace('cs-method', 'http.request.method')}taxonomy: ecs\n`,
    );
  });
});

describe('rules new and rules test', () => {
  it('make a rule that passes, and a report that build servers read', async () => {
    expect((await rules('new', 'my-burst', '--in', folder)).code).toBe(0);
    expect((await rules('new', 'my-burst', '--in', folder)).err).toContain('is there already');
    const passed = await rules('test', '--no-shipped', folder, '--junit', join(folder, 'j.xml'));
    expect([passed.code, passed.out]).toEqual([0, 'ok      my-burst: 3 cases, 21 runs\n1 folder, 21 runs: all well\n']);
    const cases = join(folder, 'my-burst', 'cases.yml');
    writeFileSync(cases, readFileSync(cases, 'utf8').replace('count: 10', 'count: 11'));
    const failed = await rules('test', '--no-shipped', folder, '--junit', join(folder, 'j.xml'));
    expect(failed.code).toBe(1);
    const xml = readFileSync(join(folder, 'j.xml'), 'utf8');
    expect(xml).toContain('<testsuites name="gatewatch rules" tests="21" failures="7">');
    expect(xml).toContain(
      'name="ten within five minutes (read twice after crashes)"><failure message="expected a signal of my_burst for 203.0.113.7 with 11 events',
    );
    expect((await rules('lint', '--no-shipped', '--rules', folder)).out).toContain(
      '1 rules that give signals, 1 detections and 1 correlations: fine',
    );
  });
});

describe('rules schema', () => {
  it.each(['rule', 'cases', 'pipeline'])('%s is JSON Schema', async (kind) => {
    expect(JSON.parse((await rules('schema', kind)).out)).toMatchObject({ type: 'object', properties: expect.anything() as unknown });
  });
});

describe('rules show', () => {
  it('says in words what a rule asks for, and of an unknown one that there is none', async () => {
    writeFileSync(join(folder, 'put.yml'), web);
    const args = ['--no-shipped', '--rules', folder];
    const shown = await rules('show', 'Put', ...args);
    expect(shown.code).toBe(0);
    expect(shown.out).toContain('Fires when one event fits.');
    expect(shown.out).toContain("  http.request.method is 'put'");
    const [told] = JSON.parse((await rules('show', '--json', ...args)).out) as [{ words: { parts: unknown[] } }];
    expect(told.words.parts).toHaveLength(1);
    expect(await rules('show', 'nothing', ...args)).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no rule "nothing"') as string,
    });
  });
});
