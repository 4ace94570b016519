import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { diskFinding } from './disk-check.js';

const mebibyte = 2 ** 20;
const finding = (free: number) => diskFinding('/data', () => ({ free: free * mebibyte, size: 10_000 * mebibyte }));

it('warns before the disk is full, and fails where records are refused', () => {
  expect([finding(5000).status, finding(5000).message]).toEqual(['ok', undefined]);
  expect(finding(900)).toMatchObject({ status: 'warn', message: expect.stringContaining('900 MiB free on the disk of /data') as string });
  expect(finding(70)).toMatchObject({ status: 'fail', message: expect.stringContaining('refused (503)') as string });
});

it('reads the room of a real disk', () => {
  const { facts } = diskFinding(tmpdir());
  expect(facts!['size']).toBeGreaterThan(facts!['free'] as number);
});
