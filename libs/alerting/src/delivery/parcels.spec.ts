import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleSignal } from '#testkit';
import { notificationOf } from '../intake.js';
import type { Notification } from '../outbox.js';
import { fitInto, openingOf, wrap } from './parcels.js';

const told = (): boolean => true;
const untold = (): boolean => false;
const to = { receiver: 'oncall', channel: 'email', now: 0 };
const opened = (id: string): Notification => notificationOf(sampleSignal({ id }), 'opened', to);
const closed = (id: string): Notification => notificationOf(sampleSignal({ id, status: 'closed' }), 'closed', to);

describe('parcels', () => {
  it('join an opening and a closing that both wait, under the id of the closing', () => {
    const [parcel, ...more] = wrap([opened('a'), closed('a')], untold);
    expect(more).toEqual([]);
    expect(parcel).toMatchObject({
      notice: { id: closed('a').id, occasion: 'closed', untold: true, opening: opened('a').id, signal: { status: 'closed' } },
    });
    expect(parcel!.notifications.map(({ id }) => id)).toEqual([opened('a').id, closed('a').id]);
  });

  it('tell an end alone when the opening was told, and say both when it was given up', () => {
    expect(wrap([closed('a')], told)[0]!.notice).toMatchObject({ untold: false });
    expect(wrap([closed('a')], untold)[0]!.notice).toMatchObject({ untold: true });
    expect(openingOf(closed('a'))).toBe(opened('a').id);
  });

  it('go one by one within the budget; above it, the last message is a digest of the rest', () => {
    const parcels = wrap(['a', 'b', 'c', 'd'].map(opened), told);
    expect(fitInto(4, parcels)).toEqual(parcels);
    const [single, digest, ...none] = fitInto(2, parcels);
    expect(none).toEqual([]);
    expect(single).toEqual(parcels[0]);
    expect(digest!.notice).toMatchObject({
      kind: 'digest',
      receiver: 'oncall',
      entries: [{ signal: { id: 'b' } }, { signal: { id: 'c' } }, { signal: { id: 'd' } }],
    });
    expect(fitInto(0, parcels)).toEqual([]);
  });

  it('never hold a notification twice, never lose one while there is a budget, and never exceed it', () => {
    const due = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.boolean()), { maxLength: 10 });
    fc.assert(
      fc.property(due, fc.integer({ min: 1, max: 6 }), (steps, budget) => {
        const wanted = new Map(
          steps.map(([id, open]) => (open ? opened(id) : closed(id))).map((notification) => [notification.id, notification]),
        );
        const parcels = fitInto(budget, wrap([...wanted.values()], told));
        expect(parcels.length).toBeLessThanOrEqual(budget);
        expect(parcels.flatMap(({ notifications }) => notifications.map(({ id }) => id)).sort()).toEqual([...wanted.keys()].sort());
      }),
    );
  });
});
