import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levels, type Signal } from '#ecs';
import { MemoryOutbox, sampleSignal } from '#testkit';
import { notificationsFor, type SignalEntry } from './intake.js';
import { hashOf, notificationId } from './notification-id.js';
import type { Receiver } from './receiver.js';

const oncall: Receiver = { name: 'oncall', minLevel: 'medium', sendResolved: true, maxPerMinute: 20, channels: ['email', 'webhook'] };
const audit: Receiver = { name: 'audit', minLevel: 'critical', sendResolved: false, maxPerMinute: 20, channels: ['log'] };
const now = sampleSignal().last + 1000;

function journal(...signals: Partial<Signal>[]): SignalEntry[] {
  return signals.map((signal, index) => ({ sequence: index + 1, signal: sampleSignal(signal) }));
}
const told = (entries: readonly SignalEntry[], receivers = [oncall]): string[] =>
  notificationsFor(entries, receivers, now).map(
    ({ occasion, receiver, channel, signal }) => `${signal.id} ${occasion} ${receiver} ${channel}`,
  );

describe('from the journal to notifications', () => {
  it('tells of an opening and of the end, by every channel, and not of what lies between', () => {
    const entries = journal({ id: 'a' }, { id: 'a', revision: 2, count: 40 }, { id: 'a', revision: 3, status: 'closed' });
    expect(told(entries)).toEqual(['a opened oncall email', 'a opened oncall webhook', 'a closed oncall email', 'a closed oncall webhook']);
  });

  it('says nothing of a signal that was merged into another', () => {
    expect(told(journal({ id: 'b', status: 'merged', mergedInto: 'a' }))).toEqual([]);
  });

  it('tells of an opening also when the first that is seen of a signal is its end, once', () => {
    expect(told(journal({ id: 'c', status: 'closed' }), [oncall, { ...audit, minLevel: 'low' }])).toEqual([
      'c opened oncall email',
      'c closed oncall email',
      'c opened oncall webhook',
      'c closed oncall webhook',
      'c opened audit log',
    ]);
  });

  it('tells a receiver only what reaches his level', () => {
    const reached = levels.map((level) => told(journal({ rule: { ...sampleSignal().rule, level } }), [oncall, audit]).length);
    expect(reached).toEqual([0, 0, 2, 2, 3]);
  });

  it('lets an opening from history wait a moment for its end', () => {
    const [late] = notificationsFor(journal({}), [oncall], now + 3_600_000);
    expect(late!.dueAt - late!.createdAt).toBe(10_000);
    expect(notificationsFor(journal({}), [oncall], now)[0]!.dueAt).toBe(now);
  });

  it('gives the same notifications however the journal is cut, and whatever of it is read twice', async () => {
    const step = fc.record({ id: fc.constantFrom('a', 'b', 'c'), status: fc.constantFrom('open', 'open', 'closed', 'merged') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.array(fc.nat(12), { maxLength: 5 }), async (steps, cuts) => {
        const entries = journal(...(steps as Partial<Signal>[]));
        const whole = new MemoryOutbox();
        await whole.add(notificationsFor(entries, [oncall], now), entries.length);
        const cut = new MemoryOutbox();
        for (const at of cuts) await cut.add(notificationsFor(entries.slice(0, at), [oncall], now), at);
        await cut.add(notificationsFor(entries, [oncall], now), entries.length);
        const all = { limit: 1000 };
        expect(cut.list(all).sort(byId)).toEqual(whole.list(all).sort(byId));
      }),
    );
  });
});

describe('notification ids', () => {
  it('are the same for the same question and different for any other', () => {
    const key = { signal: 's', occasion: 'opened', receiver: 'r', channel: 'c' } as const;
    expect(notificationId(key)).toBe(notificationId({ ...key }));
    expect(notificationId(key)).toMatch(/^[0-9a-f]{32}$/);
    const others = [
      { ...key, signal: 't' },
      { ...key, occasion: 'closed' as const },
      { ...key, receiver: 'rc', channel: '' },
      { ...key, channel: 'd' },
    ];
    expect(new Set([key, ...others].map(notificationId)).size).toBe(5);
    expect(hashOf(['ab', 'c'])).not.toBe(hashOf(['a', 'bc']));
  });
});

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}
