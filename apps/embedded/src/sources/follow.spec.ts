import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTick } from '#stream';
import { noMetrics, silentLogger } from '#telemetry';
import { FakeClock, MemoryRecordLog } from '#testkit';
import { maxLineBytes } from '../input/blocks.js';
import { followFiles, type FollowedFiles } from './follow.js';
import { expand, matches } from './glob.js';

const folder = () => mkdtempSync(join(tmpdir(), 'gatewatch-follow-'));
const clock = new FakeClock();

function follow(log: MemoryRecordLog, paths: string[], room = () => Promise.resolve()): FollowedFiles {
  const targets = paths.map((path) => ({ path, source: 'nginx' }));
  return followFiles({ targets, log, clock, logger: silentLogger, metrics: noMetrics, room });
}
/** Every place in the log names its bytes: tag and position give them back. */
function places(log: MemoryRecordLog): { tag: string | undefined; position: number | undefined }[] {
  return log.entries.flatMap((entry) => (isTick(entry) ? [] : [{ tag: entry.tag, position: entry.position }]));
}

describe('a followed file', () => {
  it('is read from its beginning, then as it grows; a line without its end waits', async () => {
    const path = join(folder(), 'access.log');
    writeFileSync(path, 'one\r\n\ntw');
    const log = new MemoryRecordLog();
    const files = follow(log, [path]);
    expect(await files.poll()).toBe(true);
    expect(await files.poll()).toBe(false);
    expect(log.lines()).toEqual(['one\r', '']);
    appendFileSync(path, 'o\nthree');
    await files.poll();
    expect(log.lines()).toEqual(['one\r', '', 'two']);
    expect(places(log).map(({ position }) => position)).toEqual([0, 6]);
    expect(new Set(places(log).map(({ tag }) => tag)).size).toBe(1);
    expect(places(log)[0]?.tag).toMatch(/^[0-9a-z]{12}$/);
  });

  it('is waited for where it is not there yet', async () => {
    const path = join(folder(), 'later.log');
    const log = new MemoryRecordLog();
    const files = follow(log, [path]);
    await files.poll();
    expect(files.states()).toMatchObject([{ state: 'waiting' }]);
    writeFileSync(path, 'hello\n');
    await files.poll();
    expect(log.lines()).toEqual(['hello']);
  });

  it('is read on after a restart where the log says, with the same tag', async () => {
    const path = join(folder(), 'access.log');
    const log = new MemoryRecordLog();
    writeFileSync(path, 'one\ntwo\n');
    const first = follow(log, [path]);
    await first.poll();
    first.close();
    appendFileSync(path, 'three\n');
    await follow(log, [path]).poll();
    expect(log.lines()).toEqual(['one', 'two', 'three']);
    expect(places(log)[1]).toEqual({ tag: places(log)[0]?.tag, position: 8 });
  });

  it('gives each piece the #Fields line that held before it, over a restart too, and none to a file that was emptied', async () => {
    const path = join(folder(), 'w3c.log');
    const log = new MemoryRecordLog();
    const headers = (): unknown[] => log.entries.map((entry) => (isTick(entry) ? undefined : entry.header));
    writeFileSync(path, '#Fields: date time c-ip\none\n');
    const first = follow(log, [path]);
    await first.poll();
    appendFileSync(path, 'two\n#Fields: date time s-ip\nthree\n');
    await first.poll();
    first.close();
    const second = follow(log, [path]);
    appendFileSync(path, 'four\n');
    await second.poll();
    expect(headers()).toEqual([undefined, '#Fields: date time c-ip', '#Fields: date time s-ip']);
    truncateSync(path);
    await second.poll();
    appendFileSync(path, 'five\n');
    await second.poll();
    await second.poll();
    expect(headers().slice(3)).toEqual([undefined]);
    second.close();
  });

  it('is read to its end when it is renamed away, its unfinished last line too; then the new one', async () => {
    const path = join(folder(), 'access.log');
    const log = new MemoryRecordLog();
    writeFileSync(path, 'one\n');
    const files = follow(log, [path]);
    await files.poll();
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'late in the old\nunfinished');
    await files.poll();
    writeFileSync(path, 'new\n');
    for (let i = 0; i < 4; i++) await files.poll();
    expect(log.lines()).toEqual(['one', 'late in the old', 'unfinished', 'new']);
    expect(new Set(places(log).map(({ tag }) => tag)).size).toBe(2);
  });

  it('is found again under its rotated name when it was renamed while nobody looked, with those that came after it', async () => {
    const path = join(folder(), 'access.log');
    const log = new MemoryRecordLog();
    writeFileSync(path, 'a1\n');
    const first = follow(log, [path]);
    await first.poll();
    first.close();
    appendFileSync(path, 'a2\n');
    renameSync(path, `${path}.2`);
    writeFileSync(`${path}.1`, 'b1\n');
    writeFileSync(path, 'c1\n');
    const second = follow(log, [path]);
    for (let i = 0; i < 6; i++) await second.poll();
    expect(log.lines()).toEqual(['a1', 'a2', 'b1', 'c1']);
  });

  it('is read anew, as another content, when it was emptied in place, even if it has grown past the old position since', async () => {
    const path = join(folder(), 'access.log');
    const log = new MemoryRecordLog();
    writeFileSync(path, 'one\ntwo\n');
    const files = follow(log, [path]);
    await files.poll();
    truncateSync(path, 0);
    await files.poll();
    appendFileSync(path, 'a\n');
    await files.poll();
    writeFileSync(path, 'a completely different and longer beginning\n');
    await files.poll();
    expect(log.lines()).toEqual(['one', 'two', 'a', 'a completely different and longer beginning']);
    expect(new Set(places(log).map(({ tag }) => tag)).size).toBe(3);
  });

  it('is not mistaken for another that got its inode', async () => {
    const path = join(folder(), 'access.log');
    const log = new MemoryRecordLog();
    writeFileSync(path, 'one line of the first file\n');
    const first = follow(log, [path]);
    await first.poll();
    first.close();
    rmSync(path);
    // Many file systems hand out the inode just given back.
    writeFileSync(path, 'a line of the second file\nand one more for its length\n');
    await follow(log, [path]).poll();
    expect(log.lines().slice(1)).toEqual(['a line of the second file', 'and one more for its length']);
  });

  it('keeps the beginning of a line above the bound and goes on behind it, also over a restart', async () => {
    const path = join(folder(), 'access.log');
    const log = new MemoryRecordLog();
    writeFileSync(path, Buffer.concat([Buffer.from('a\n'), Buffer.alloc(5 * maxLineBytes, 120)]));
    const first = follow(log, [path]);
    while (await first.poll());
    first.close();
    appendFileSync(path, 'still the long one\nb\n');
    const second = follow(log, [path]);
    while (await second.poll());
    expect(log.lines().map(({ length }) => length)).toEqual([1, maxLineBytes, 1]);
    expect(places(log).at(-1)?.position).toBe(2 + 5 * maxLineBytes + 19);
  });

  it('loses and doubles nothing, however it is written, rotated and read', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.stringMatching(/^[a-z\n]{0,12}$/).map((text) => ({ write: text })) },
      { weight: 1, arbitrary: fc.constant({ rotate: true } as const) },
      { weight: 3, arbitrary: fc.constant({ poll: true } as const) },
      { weight: 1, arbitrary: fc.constant({ restart: true } as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const path = join(folder(), 'access.log');
        const log = new MemoryRecordLog();
        let files = follow(log, [path]);
        let [written, number, day] = [[] as string[], 0, 0];
        const settle = async (): Promise<void> => {
          for (let i = 0; i < 4; i++) await files.poll();
        };
        for (const action of steps) {
          if ('write' in action) {
            const line = `${number++} ${action.write.replaceAll('\n', '.')}`;
            written = [...written, line];
            appendFileSync(path, `${line}\n`);
          } else if ('rotate' in action) {
            // Nobody can read a file that came and went between two looks.
            await settle();
            if (number > 0) renameIfThere(path, `${path}.${++day}`);
          } else if ('restart' in action) {
            files.close();
            files = follow(log, [path]);
          } else await files.poll();
        }
        await settle();
        files.close();
        expect(log.lines()).toEqual(written);
      }),
      { numRuns: 40 },
    );
  }, 300_000);

  it('waits while the log is full, and then goes on with the same piece', async () => {
    const path = join(folder(), 'access.log');
    const log = new MemoryRecordLog();
    writeFileSync(path, 'one\n');
    const files = follow(log, [path]);
    log.full = true;
    expect(await files.poll()).toBe(false);
    log.full = false;
    await files.poll();
    expect(log.lines()).toEqual(['one']);
  });

  it('waits for room in the pipeline, and stops waiting when the service stops', async () => {
    const path = join(folder(), 'access.log');
    writeFileSync(path, 'one\n');
    const log = new MemoryRecordLog();
    const stop = new AbortController();
    const running = follow(log, [path], () => new Promise(() => undefined)).run(stop.signal);
    stop.abort();
    await running;
    expect(log.lines()).toEqual([]);
  });

  it('is refused with a remedy where it is compressed or a folder', () => {
    const dir = folder();
    const path = join(dir, 'old.log.gz');
    writeFileSync(path, gzipSync('x\n'));
    expect(() => follow(new MemoryRecordLog(), [path])).toThrow(`gatewatch scan ${path}`);
    expect(() => follow(new MemoryRecordLog(), [dir])).toThrow(`${dir} is a folder. Name a file in it, or a pattern: ${dir}/*.log`);
  });
});

describe('a pattern', () => {
  it('follows what matches, leaves out what is compressed, and reads a file with a new name once', async () => {
    const dir = folder();
    const log = new MemoryRecordLog();
    writeFileSync(join(dir, 'a.log'), 'a1\n');
    writeFileSync(join(dir, 'b.log'), 'b1\n');
    writeFileSync(join(dir, 'c.log.gz'), gzipSync('c1\n'));
    const files = follow(log, [join(dir, '*.log*')]);
    for (let i = 0; i < 3; i++) await files.poll();
    renameSync(join(dir, 'a.log'), join(dir, 'a.log.1'));
    writeFileSync(join(dir, 'a.log'), 'a2\n');
    for (let i = 0; i < 16; i++) await files.poll();
    expect(log.lines().sort()).toEqual(['a1', 'a2', 'b1']);
  });

  it('matches as a shell would, in bounded time', () => {
    const dir = folder();
    for (const name of ['x.log', 'y.log', '.hidden.log', 'z.txt']) writeFileSync(join(dir, name), '');
    expect(expand(join(dir, '?.log'))).toEqual([join(dir, 'x.log'), join(dir, 'y.log')]);
    expect([matches('a*b*c', 'a--b--c'), matches('*', ''), matches('a?', 'a')]).toEqual([true, true, false]);
    expect(matches('*a'.repeat(30), 'a'.repeat(29) + 'b')).toBe(false);
  });

  it('keeps files abreast that are read for the first time', async () => {
    const dir = folder();
    const line = `${'x'.repeat(99)}\n`;
    writeFileSync(join(dir, 'a.log'), line.repeat(40_000));
    writeFileSync(join(dir, 'b.log'), line.repeat(40_000));
    const log = new MemoryRecordLog();
    await follow(log, [join(dir, '*.log')]).poll();
    const tags = places(log).map(({ tag }) => tag);
    expect(tags.slice(0, 4).map((tag) => tag === tags[0])).toEqual([true, false, true, false]);
  });
});

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // Rotating a log that nobody wrote to.
  }
}
