import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeSchema, loadConfig } from '#config';
import { alertingConfig } from './config.js';
import { channels } from './channels/channels.js';
import { reasons } from './delivery/delivery.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const schema = z.strictObject({ alerting: alertingConfig.prefault({}) });
const load = (text: string): ReturnType<typeof loadConfig<typeof schema>> => loadConfig({ schema, env: {}, text });
const yamlIn = (markdown: string): string => /```yaml\n([\s\S]*?)```/.exec(markdown)![1]!;

describe('the configuration of alerting', () => {
  it('takes the example of the README', () => {
    expect(load(yamlIn(read('../README.md')))).toMatchObject({ ok: true });
  });

  it('has defaults for everything but the receivers of a real one', () => {
    expect(load('')).toMatchObject({
      ok: true,
      value: {
        alerting: { retry_for: 259_200_000, receivers: [{ name: 'log', min_level: 'medium', send_resolved: true, max_per_minute: 20 }] },
      },
    });
  });

  it('names every problem with its place', () => {
    const text = [
      'alerting:',
      '  receivers:',
      '    - name: a',
      '      min_level: urgent',
      '      channels: [{ type: log }, { type: log }]',
      '    - name: a',
      '      channels: [{ type: pigeon }]',
    ].join('\n');
    const result = load(text);
    const problems = result.ok ? [] : result.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
    expect(problems.join('\n')).toMatch(/min_level: expected one of/);
    expect(problems.join('\n')).toMatch(/a second channel is called "log"/);
    expect(problems.join('\n')).toMatch(/channels\[0\]\.type: expected one of "email", "webhook", "log", got "pigeon"/);
  });

  it('describes every key', () => {
    const table = describeSchema(schema);
    const rows = table.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
  });
});

describe('the documentation', () => {
  it('explains every reason and has a page for every channel', () => {
    const readme = read('../README.md');
    expect(reasons.filter((reason) => !readme.includes(`\`${reason}\``))).toEqual([]);
    for (const name of Object.keys(channels)) expect(yamlIn(read(`./channels/${name}/README.md`))).toContain(`type: ${name}`);
  });
});
