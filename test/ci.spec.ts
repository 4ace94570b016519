import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { root } from './files.js';

// Run as CI runs it: the line and the status are what counts.
function closing(...outcome: string[]): string {
  try {
    return execFileSync(process.execPath, ['.ci/sum.mjs', ...outcome], { cwd: root, encoding: 'utf8' });
  } catch (error) {
    return `${(error as { stdout: string }).stdout}exit ${(error as { status: number }).status}`;
  }
}

const report = (name: string): string => `test/fixtures/ci/${name}.json`;

it('adds up the runners', () => {
  expect(closing(`unit:0:${report('passed')}`, `e2e:0:${report('passed')}`)).toBe('6 passed, 0 failed\n');
});

it('counts failed tests once, though the runner failed too', () => {
  expect(closing(`unit:1:${report('failed')}`)).toBe('2 passed, 1 failed\nexit 1');
});

it('counts a file that could not be loaded, a runner that died, and a step that failed', () => {
  expect(closing(`unit:1:${report('unloadable')}`)).toBe('1 passed, 1 failed\nexit 1');
  expect(closing(`unit:0:${report('passed')}`, `e2e:137:${report('none')}`)).toBe('3 passed, 1 failed\nexit 1');
  expect(closing('lint', `unit:0:${report('passed')}`)).toBe('Failed: lint\n3 passed, 1 failed\nexit 1');
});

it('fails when nothing ran', () => {
  expect(closing()).toBe('0 passed, 1 failed\nexit 1');
  expect(closing(`unit:0:${report('empty')}`)).toBe('0 passed, 1 failed\nexit 1');
});

it('ends on the sum', () => {
  expect(readFileSync(`${root}.ci/run`, 'utf8').trimEnd().split('\n').at(-1)).toBe('node .ci/sum.mjs "${outcome[@]}"');
});
