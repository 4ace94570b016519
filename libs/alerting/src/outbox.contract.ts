import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleSignal } from '#testkit';
import type { Attempt, Notification, Outbox } from './outbox.js';

/** An outbox under test. `reopen` closes it and opens what it left behind, as after a restart. */
export interface OpenedOutbox {
  readonly outbox: Outbox;
  reopen(): Promise<Outbox>;
  close(): Promise<void>;
}

/** What every `Outbox` owes. */
export function outboxContract(open: () => Promise<OpenedOutbox>): void {
  describe('an outbox', () => {
    let opened: OpenedOutbox;
    let outbox: Outbox;
    beforeEach(async () => {
      opened = await open();
      outbox = opened.outbox;
    });
    afterEach(() => opened.close());

    it('is empty at first', () => {
      expect([outbox.mark(), outbox.nextDue(), outbox.due(1e15, 10), outbox.notification('x'), outbox.attempts('x')]).toEqual([
        0,
        undefined,
        [],
        undefined,
        [],
      ]);
    });

    it('adds notifications and the mark together, once each', async () => {
      await outbox.add([notification('a'), notification('b')], 4);
      await outbox.add([notification('a', { dueAt: 999 }), notification('c', { dueAt: 5 })], 6);
      outbox = await opened.reopen();
      expect(outbox.mark()).toBe(6);
      expect(outbox.notification('a')).toEqual(notification('a'));
      expect(outbox.list({ limit: 10 })).toHaveLength(3);
    });

    it('gives what is due, oldest first, and says when the next is', async () => {
      await outbox.add(
        [notification('late', { dueAt: 300 }), notification('first', { dueAt: 100 }), notification('second', { dueAt: 200 })],
        1,
      );
      expect(outbox.nextDue()).toBe(100);
      expect(outbox.due(99, 10)).toEqual([]);
      expect(outbox.due(200, 10).map(({ id }) => id)).toEqual(['first', 'second']);
      expect(outbox.due(1000, 1).map(({ id }) => id)).toEqual(['first']);
    });

    it('records an attempt with the new state: waiting again, or done', async () => {
      await outbox.add([notification('a', { dueAt: 100 })], 1);
      await outbox.record(attempt('a', 1, 'retry'), notification('a', { dueAt: 500, attempts: 1 }));
      expect([outbox.due(499, 10), outbox.nextDue()]).toEqual([[], 500]);
      await outbox.record(attempt('a', 2, 'delivered'), notification('a', { dueAt: 500, attempts: 2, state: 'delivered' }));
      outbox = await opened.reopen();
      expect([outbox.nextDue(), outbox.due(1e15, 10)]).toEqual([undefined, []]);
      expect(outbox.attempts('a')).toEqual([attempt('a', 1, 'retry'), attempt('a', 2, 'delivered')]);
      expect(outbox.notification('a')?.state).toBe('delivered');
    });

    it('lists the newest first, by state and signal', async () => {
      const other = sampleSignal({ id: 'other' });
      await outbox.add(
        [notification('a', { createdAt: 1 }), notification('b', { createdAt: 3, signal: other }), notification('c', { createdAt: 2 })],
        1,
      );
      await outbox.record(attempt('c', 1, 'rejected'), notification('c', { createdAt: 2, state: 'given_up' }));
      expect(outbox.list({ limit: 2 }).map(({ id }) => id)).toEqual(['b', 'c']);
      expect(outbox.list({ limit: 9, state: 'waiting' }).map(({ id }) => id)).toEqual(['b', 'a']);
      expect(outbox.list({ limit: 9, signal: 'other' }).map(({ id }) => id)).toEqual(['b']);
    });

    it('prunes what is old and not waiting, with its attempts', async () => {
      await outbox.add(
        [notification('old', { createdAt: 1 }), notification('waiting', { createdAt: 2 }), notification('new', { createdAt: 50 })],
        1,
      );
      await outbox.record(attempt('old', 1, 'delivered'), notification('old', { createdAt: 1, state: 'delivered' }));
      await outbox.record(attempt('new', 1, 'delivered'), notification('new', { createdAt: 50, state: 'delivered' }));
      await outbox.prune(50);
      expect(outbox.list({ limit: 9 }).map(({ id }) => id)).toEqual(['new', 'waiting']);
      expect([outbox.attempts('old'), outbox.attempts('new').length]).toEqual([[], 1]);
    });
  });
}

function notification(id: string, over: Partial<Notification> = {}): Notification {
  const base = {
    signal: sampleSignal(),
    occasion: 'opened',
    receiver: 'team',
    channel: 'mail',
    createdAt: 10,
    state: 'waiting',
    dueAt: 10,
    attempts: 0,
  } as const;
  return { id, ...base, ...over };
}

function attempt(id: string, number: number, outcome: Attempt['outcome']): Attempt {
  return { notification: id, number, at: number * 10, outcome, detail: '250 OK', millis: 3 };
}
