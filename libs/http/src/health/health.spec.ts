import { describe, expect, it } from 'vitest';
import { FakeClock } from '#testkit';
import { Health } from './health.js';

describe('health', () => {
  it('is as bad as its worst check, and ready while only others fail', async () => {
    const health = new Health(
      [
        { name: 'log', gatesReadiness: true, run: () => ({ status: 'ok', facts: { end: 5 } }) },
        { name: 'geo', run: () => ({ status: 'warn', message: 'The geo data is 1000 days old.' }) },
        {
          name: 'store',
          run: () => {
            throw new Error('disk full');
          },
        },
      ],
      new FakeClock(),
    );
    expect(await health.ready()).toEqual({ status: 'ok', checks: { log: { status: 'ok', facts: { end: 5 } } } });
    expect(await health.detail()).toMatchObject({ status: 'fail', checks: { store: { status: 'fail', message: 'disk full' } } });
  });

  it('does not wait for ever', async () => {
    const clock = new FakeClock();
    const health = new Health([{ name: 'stuck', run: () => new Promise(() => undefined) }], clock);
    const report = health.detail();
    await clock.advance(2000);
    expect((await report).checks['stuck']).toEqual({ status: 'fail', message: 'The check took too long.' });
    expect(clock.sleeping).toBe(0);
  });
});
