import { describe, expect, it } from 'vitest';
import { silentLogger } from '#telemetry';
import { FakeClock, MemoryRecordLog } from '#testkit';
import type { Block } from '../input/blocks.js';
import { readStdin } from './stdin.js';

async function* blocks(...texts: string[]): AsyncGenerator<Block> {
  for (const text of texts) yield await Promise.resolve({ payload: Buffer.from(text), consumed: 0 });
}
const parts = { source: 'stdin', logger: silentLogger, room: () => Promise.resolve() };

describe('standard input', () => {
  it('is appended block by block until it ends', async () => {
    const log = new MemoryRecordLog();
    expect(
      await readStdin({ ...parts, blocks: blocks('a\nb\n', 'c'), log, clock: new FakeClock(), signal: new AbortController().signal }),
    ).toBe(3);
    expect(log.lines()).toEqual(['a', 'b', 'c']);
  });

  it('waits while the log is full', async () => {
    const [log, clock] = [new MemoryRecordLog(), new FakeClock()];
    log.full = true;
    const reading = readStdin({ ...parts, blocks: blocks('a\n'), log, clock, signal: new AbortController().signal });
    await clock.advance(2000);
    log.full = false;
    await clock.advance(2000);
    expect(await reading).toBe(1);
  });

  it('does not keep the service from stopping while it is silent', async () => {
    const stop = new AbortController();
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    const reading = readStdin({ ...parts, blocks: silent, log: new MemoryRecordLog(), clock: new FakeClock(), signal: stop.signal });
    stop.abort();
    expect(await reading).toBe(0);
  });
});
