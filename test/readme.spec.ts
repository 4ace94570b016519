import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeSchema } from '#config';
import { embeddedConfig } from '../apps/embedded/src/config.js';
import { filesBelow, root } from './files.js';
import { commandsDefined, unknownCommands } from './readme.js';

const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
const commands = new Set(
  [...filesBelow('apps', '.ts'), 'bin/gatewatch.js'].flatMap((file) => commandsDefined(readFileSync(root + file, 'utf8'))),
);
const pages = filesBelow('.', '.md').filter((file) => file !== 'CHANGELOG.md');

describe('what the manuals tell people to type', () => {
  it('is read from every manual', () => {
    expect(pages).toContain('CONTRIBUTING.md');
    expect(pages.length).toBeGreaterThan(4);
  });

  it('exists', () => {
    const known = { scripts: new Set(Object.keys(scripts)), commands };
    expect(pages.flatMap((file) => unknownCommands(readFileSync(root + file, 'utf8'), known).map((found) => `${file}: ${found}`))).toEqual(
      [],
    );
  });
});

describe('the reference of the configuration', () => {
  it('is what `gatewatch check-config --reference` prints', () => {
    // The page is laid out by prettier.
    const plain = (text: string): string => text.replace(/ {2,}/g, ' ').replace(/-{2,}/g, '--').trim();
    expect(plain(readFileSync(`${root}docs/configuration.md`, 'utf8'))).toBe(plain(describeSchema(embeddedConfig)));
  });
});

describe('the check', () => {
  const known = { scripts: new Set(['build', 'test', 'start']), commands: new Set(['scan', 'start']) };

  it('finds scripts and commands that do not exist', () => {
    const text =
      'Run `npm run biuld`, `npm test`, `npm start -- --demo` or\n```console\n$ npx gatewatch scann access.log\n$ npm ci && npm run build\n```';
    expect(unknownCommands(text, known)).toEqual(['gatewatch scann', 'npm run biuld']);
  });

  it('looks only at code, not at sentences', () => {
    expect(
      unknownCommands('Then gatewatch reads the log; `gatewatch.yml` and `gatewatch --version` and `gatewatch scan FILE` are fine.', known),
    ).toEqual([]);
  });

  it('reads the commands of the command line', () => {
    expect(commandsDefined(`program.command('scan [files...]').command("parse");\nnew Command('match')`)).toEqual([
      'scan',
      'parse',
      'match',
    ]);
  });

  it('reads the processes of the launcher', () => {
    expect(commandsDefined(`const processes = { ingest: 'ingest', watch: 'watcher' };`)).toEqual(['ingest', 'watch']);
  });
});
