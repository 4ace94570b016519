import { describe, expect, it } from 'vitest';
import { Problem } from '#http';
import { FakeClock } from '#testkit';
import { QuotaLedger, type Quota } from './quota.js';

const app = { id: 'a1', name: 'app' };

function ledger(each: Quota, byKey: Record<string, Quota> = {}): { quotas: QuotaLedger; clock: FakeClock } {
  const clock = new FakeClock();
  return { quotas: new QuotaLedger({ each, byKey: new Map(Object.entries(byKey)) }, clock), clock };
}

/** Milliseconds to wait, or 0 when the sender may send. */
function wait(quotas: QuotaLedger, sender = app): number {
  try {
    quotas.check(sender);
    return 0;
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'quota_exceeded') throw error;
    return error.options.retryAfter!;
  }
}

describe('a quota', () => {
  it('lets a minute’s worth through at once and then as much as is filled up', async () => {
    const { quotas, clock } = ledger({ recordsPerMinute: 60 });
    quotas.take(app, 60, 1);
    expect(wait(quotas)).toBe(1000);
    await clock.advance(1000);
    expect(wait(quotas)).toBe(0);
  });

  it('lets a delivery larger than itself through and asks to wait until that is paid', async () => {
    const { quotas, clock } = ledger({ bytesPerMinute: 600 });
    quotas.take(app, 1, 1200);
    expect(wait(quotas)).toBeCloseTo(60_100);
    await clock.advance(60_100);
    expect(wait(quotas)).toBe(0);
  });

  it('fills up to a minute’s worth and no further', async () => {
    const { quotas, clock } = ledger({ recordsPerMinute: 60 });
    await clock.advance(3_600_000);
    quotas.take(app, 60, 1);
    expect(wait(quotas)).toBe(1000);
  });

  it('is each key’s own, and a key’s own quota stands for the common one', () => {
    const { quotas } = ledger({ recordsPerMinute: 10 }, { big: { bytesPerMinute: 100 } });
    const [big, other] = [
      { id: 'b', name: 'big' },
      { id: 'o', name: 'other' },
    ];
    quotas.take(app, 10, 1);
    quotas.take(big, 1000, 99);
    expect([wait(quotas) > 0, wait(quotas, big), wait(quotas, other)]).toEqual([true, 0, 0]);
  });

  it('that was not used because nothing could be appended is given back', () => {
    const { quotas } = ledger({ recordsPerMinute: 10 });
    quotas.take(app, 10, 1);
    quotas.giveBack(app, 10, 1);
    expect(wait(quotas)).toBe(0);
  });

  it('may be absent', () => {
    const { quotas } = ledger({});
    quotas.take(app, 1e12, 1e12);
    expect(wait(quotas)).toBe(0);
  });
});
