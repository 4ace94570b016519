import { appendFileSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLocalEngine } from '#local';
import { isTick, type RecordLog } from '#stream';
import { noMetrics, silentLogger } from '#telemetry';
import { FakeClock } from '#testkit';
import { followFiles } from './follow.js';

function lines(log: RecordLog): string[] {
  return log.read(0, 1 << 20).flatMap((entry) => (isTick(entry) ? [] : Buffer.from(entry.payload).toString().trimEnd().split('\n')));
}

it('reads on where the real log says, after a stop during which the file was rotated', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewatch-durable-'));
  const path = join(directory, 'access.log');
  const [clock, logger, metrics] = [new FakeClock(), silentLogger, noMetrics];
  const follow = (log: RecordLog) =>
    followFiles({ targets: [{ path, source: 'nginx' }], log, clock, logger, metrics, room: () => Promise.resolve() });
  writeFileSync(path, 'one\ntwo\nthr');
  const first = await openLocalEngine({ dir: join(directory, 'data'), logger });
  await follow(first.log).poll();
  await first.close();
  appendFileSync(path, 'ee\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'four\n');
  const second = await openLocalEngine({ dir: join(directory, 'data'), logger });
  const files = follow(second.log);
  for (let i = 0; i < 4; i++) await files.poll();
  expect(lines(second.log)).toEqual(['one', 'two', 'three', 'four']);
  await second.close();
}, 300_000);
