import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleSignal } from '#testkit';
import type { TaskStore } from './task-store.js';

/** A task store under test. `reopen` closes it and opens what it left behind, as after a restart. */
export interface OpenedTaskStore {
  readonly tasks: TaskStore;
  reopen(): Promise<TaskStore>;
  close(): Promise<void>;
}

/** What every `TaskStore` owes. */
export function taskStoreContract(open: () => Promise<OpenedTaskStore>): void {
  describe('a task store', () => {
    let opened: OpenedTaskStore;
    let tasks: TaskStore;
    beforeEach(async () => {
      opened = await open();
      tasks = opened.tasks;
    });
    afterEach(() => opened.close());

    it('is empty at first', () => {
      expect([tasks.position(), tasks.note('x'), [...tasks.entries()], tasks.journal(0, 10)]).toEqual([0, undefined, [], []]);
    });

    it('moves state, position, journal and notes together, and keeps them over a restart', async () => {
      await tasks.commit(
        { position: 10, signals: [sampleSignal({ id: 'a' }), sampleSignal({ id: 'b' })], notes: { horizon: '1', old: 'x' } },
        (into) => {
          into.put('k', Buffer.from([1, 2]));
          into.put('gone', Buffer.from([3]));
        },
      );
      await tasks.commit({ position: 20, signals: [sampleSignal({ id: 'a', revision: 2 })], notes: { horizon: '2' } }, (into) => {
        into.remove('gone');
        into.put('k', Buffer.from([9]));
      });
      await tasks.commit({ position: 30, signals: [] }, () => undefined);
      tasks = await opened.reopen();
      expect([tasks.position(), tasks.note('horizon'), tasks.note('old')]).toEqual([30, '2', undefined]);
      expect([...tasks.entries()].map(([key, value]) => [key, [...value]])).toEqual([['k', [9]]]);
      expect(tasks.journal(0, 10).map(({ sequence, signal }) => [sequence, signal.id, signal.revision])).toEqual([
        [1, 'a', 1],
        [2, 'b', 1],
        [3, 'a', 2],
      ]);
      expect(tasks.journal(1, 1)).toEqual([{ sequence: 2, signal: sampleSignal({ id: 'b' }) }]);
    });

    it('tells signals ahead of the checkpoint, which stays where it was', async () => {
      await tasks.commit({ position: 10, signals: [sampleSignal({ id: 'a' })] }, (into) => into.put('k', Buffer.from([1])));
      const waiting = tasks.waitForJournal(1, new AbortController().signal);
      await tasks.tell([sampleSignal({ id: 'b' }), sampleSignal({ id: 'a', revision: 2 })]);
      await waiting;
      tasks = await opened.reopen();
      expect([tasks.position(), [...tasks.entries()].map(([key, value]) => [key, [...value]])]).toEqual([10, [['k', [1]]]]);
      await tasks.commit({ position: 20, signals: [sampleSignal({ id: 'c' })] }, () => undefined);
      expect(tasks.journal(0, 10).map(({ sequence, signal }) => [sequence, signal.id])).toEqual([
        [1, 'a'],
        [2, 'b'],
        [3, 'a'],
        [4, 'c'],
      ]);
    });

    it('gathers a draft while signals are told, and shows nothing of it before it is committed', async () => {
      await tasks.commit({ position: 10, signals: [] }, (into) => into.put('old', Buffer.from([1])));
      const draft = tasks.draft();
      draft.into.put('k', Buffer.from([1]));
      await tasks.tell([sampleSignal({ id: 'a' })]);
      draft.into.put('k', Buffer.from([2]));
      draft.into.remove('old');
      expect([tasks.position(), [...tasks.entries()].map(([key]) => key)]).toEqual([10, ['old']]);
      await draft.commit({ position: 20, signals: [sampleSignal({ id: 'b' })] });
      tasks = await opened.reopen();
      expect([tasks.position(), [...tasks.entries()].map(([key, value]) => [key, [...value]])]).toEqual([20, [['k', [2]]]]);
      expect(tasks.journal(0, 10).map(({ signal }) => signal.id)).toEqual(['a', 'b']);
    });

    it('takes any text as a key: long, empty, with NUL, no Unicode', async () => {
      const keys = ['', '\u0000', 'a\u0000b', '\ud800', '\udfff', '\ufffd', 'é'.repeat(3000), `${'é'.repeat(3000)}!`, '__proto__'];
      await tasks.commit({ position: 1, signals: [] }, (into) => keys.forEach((key, at) => into.put(key, Buffer.from([at]))));
      tasks = await opened.reopen();
      expect(new Map([...tasks.entries()].map(([key, value]) => [key, value[0]]))).toEqual(new Map(keys.map((key, at) => [key, at])));
      await tasks.commit({ position: 2, signals: [] }, (into) => keys.forEach((key) => into.remove(key)));
      expect([...tasks.entries()]).toEqual([]);
    });

    it('keeps the bytes as they were when they were put', async () => {
      const bytes = Buffer.from([1]);
      const committed = tasks.commit({ position: 1, signals: [] }, (into) => into.put('k', bytes));
      bytes[0] = 99;
      await committed;
      expect([...tasks.entries()].map(([, value]) => [...value])).toEqual([[1]]);
    });

    it('forgets journal entries without using their numbers again', async () => {
      await tasks.commit({ position: 1, signals: [sampleSignal(), sampleSignal()] }, () => undefined);
      await tasks.trimJournal(2);
      expect(tasks.journal(0, 10)).toEqual([]);
      tasks = await opened.reopen();
      const waiting = tasks.waitForJournal(2, new AbortController().signal);
      await tasks.commit({ position: 2, signals: [sampleSignal()] }, () => undefined);
      await waiting;
      expect(tasks.journal(0, 10).map(({ sequence }) => sequence)).toEqual([3]);
    });
  });
}
