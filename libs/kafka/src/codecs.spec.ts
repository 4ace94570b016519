import { expect, it } from 'vitest';
import { lz4, zstd } from './codecs.js';

const lines = 'GET /orders/1\nGET /orders/1\nGET /orders/1\n';

it('reads Zstandard as the command-line tool writes it', async () => {
  const written = Buffer.from('KLUv/QRopQAAcEdFVCAvb3JkZXJzLzEKAQDBTCVsBP1A', 'base64');
  expect((await zstd.decompress(written)).toString()).toBe(lines);
  await expect(zstd.compress()).rejects.toMatchObject({ code: 'kafka_unfit' });
});

it('writes and reads LZ4 as frames, which begin with their magic number', async () => {
  const written = await lz4.compress({ buffer: Buffer.from(lines) });
  expect(written.readUInt32LE(0)).toBe(0x184d2204);
  expect((await lz4.decompress(written)).toString()).toBe(lines);
});
