import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeDataDirectory } from './data-directory.js';

describe('a data directory', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'gatewatch-dir-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is held by one process, which the refusal names', () => {
    const first = takeDataDirectory(dir);
    expect(() => takeDataDirectory(dir)).toThrow(
      expect.objectContaining({
        code: 'data_dir_in_use',
        message: expect.stringContaining(`${dir} is in use by another Gatewatch (process ${process.pid})`) as string,
      }),
    );
    first.release();
    takeDataDirectory(dir).release();
  });

  it.each([
    ['of a dead process', JSON.stringify({ pid: 2 ** 22 + 7 })],
    ['of a process whose number was given away', JSON.stringify({ pid: process.pid, started: 'another boot 1' })],
    ['that is half written', '{"pi'],
  ])('is taken over from a lock %s', (_, text) => {
    writeFileSync(join(dir, 'lock'), text);
    const taken = takeDataDirectory(dir);
    expect(JSON.parse(readFileSync(join(dir, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    taken.release();
  });

  it('is not opened when a newer Gatewatch wrote it', () => {
    writeFileSync(join(dir, 'format'), '99\n');
    expect(() => takeDataDirectory(dir)).toThrow(expect.objectContaining({ code: 'data_format_newer' }));
    writeFileSync(join(dir, 'format'), '1\n');
    takeDataDirectory(dir).release();
  });

  it('that cannot be made is named', () => {
    writeFileSync(join(dir, 'plain'), '');
    expect(() => takeDataDirectory(join(dir, 'plain', 'below'))).toThrow(expect.objectContaining({ code: 'data_dir_unusable' }));
  });
});
