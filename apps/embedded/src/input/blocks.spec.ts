import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, InputError, LineCutter, maxLineBytes, openInput } from './blocks.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-blocks-'));
function file(name: string, bytes: Uint8Array | string): string {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
}
async function all(blocks: AsyncIterable<Block>): Promise<Buffer> {
  const found: Buffer[] = [];
  for await (const { payload } of blocks) found.push(payload);
  return Buffer.concat(found);
}

describe('reading inputs in blocks', () => {
  it('gives back every byte, wherever the chunks were cut', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a\n]{0,20}$/)), (chunks) => {
        const cutter = new LineCutter();
        const out = chunks.map((chunk) => cutter.push(Buffer.from(chunk)));
        expect(out.every((block) => block === undefined || block.at(-1) === 10)).toBe(true);
        expect(Buffer.concat([...out, cutter.end()].filter((block) => block !== undefined)).toString()).toBe(chunks.join(''));
      }),
    );
  });

  it('reads plain and gzipped files alike, whatever they are called', async () => {
    const text = 'one\ntwo\r\nlast without newline';
    expect((await all(openInput(file('plain.gz', text)).blocks())).toString()).toBe(text);
    expect((await all(openInput(file('packed.log', gzipSync(text))).blocks())).toString()).toBe(text);
  });

  it('delivers the whole lines before the break of a truncated gzip and then says so', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i} ${Math.sin(i)}\n`).join('');
    const packed = gzipSync(lines);
    const read: Buffer[] = [];
    const broken = (async () => {
      for await (const { payload } of openInput(file('cut.gz', packed.subarray(0, packed.length / 2))).blocks()) read.push(payload);
    })();
    await expect(broken).rejects.toThrow(/cut\.gz: the gzip data ends early or is damaged/);
    const got = Buffer.concat(read).toString();
    expect(lines.startsWith(got)).toBe(true);
    expect(got.endsWith('\n')).toBe(true);
  });

  it('cuts a line above the bound, skips its rest and goes on with the next', async () => {
    const long = Buffer.alloc(5 * maxLineBytes, 120);
    const got = await all(openInput(file('long.log', Buffer.concat([Buffer.from('a\n'), long, Buffer.from('\nb\n')]))).blocks());
    const lines = got.toString('latin1').split('\n');
    expect(lines[0]).toBe('a');
    expect(lines[1]!.length).toBe(maxLineBytes);
    expect(lines.slice(2)).toEqual(['b', '']);
  });

  it('names a missing file and a directory', () => {
    expect(() => openInput(join(dir, 'none.log'))).toThrow(InputError);
    expect(() => openInput(dir)).toThrow(/is a directory/);
  });
});
