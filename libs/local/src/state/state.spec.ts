import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { outboxContract } from '../../../alerting/src/outbox.contract.js';
import { taskStoreContract } from '../../../detection/src/task-store.contract.js';
import { recordLogContract } from '../../../stream/src/record-log.contract.js';
import { Committer } from './committer.js';
import { LmdbLog } from './lmdb-log.js';
import { LmdbOutbox } from './lmdb-outbox.js';
import { LmdbTaskStore } from './lmdb-task-store.js';

const root = mkdtempSync(join(tmpdir(), 'gatewatch-state-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;

interface Opened<T> {
  readonly part: T;
  reopen(): Promise<T>;
  close(): Promise<void>;
}

function open<T>(part: (committer: Committer) => T, reserveBytes = 0): Opened<T> {
  const dir = join(root, `${directories++}`);
  let committer = new Committer(dir, { reserveBytes });
  return {
    part: part(committer),
    reopen: async () => {
      await committer.close();
      committer = new Committer(dir, { reserveBytes });
      return part(committer);
    },
    close: () => committer.close(),
  };
}

recordLogContract(async () => {
  const { part, ...rest } = open((committer) => new LmdbLog(committer));
  return { log: part, ...rest };
});

taskStoreContract(async () => {
  const { part, ...rest } = open((committer) => new LmdbTaskStore(committer));
  return { tasks: part, ...rest };
});

outboxContract(async () => {
  const { part, ...rest } = open((committer) => new LmdbOutbox(committer));
  return { outbox: part, ...rest };
});

describe('the log on a disk that is nearly full', () => {
  it('accepts no record into the reserve, but still ticks and saves checkpoints', async () => {
    const dir = join(root, `${directories++}`);
    const committer = new Committer(dir, { reserveBytes: Number.MAX_SAFE_INTEGER });
    const log = new LmdbLog(committer);
    const tasks = new LmdbTaskStore(committer);
    const payload = Buffer.from('a');
    await expect(log.append([{ source: 'web', arrival: 1, count: 1, payload }], { file: '1' })).rejects.toMatchObject({
      code: 'log_full',
      retryable: true,
    });
    expect([log.end(), log.bookmark('file'), log.received()]).toEqual([0, undefined, {}]);
    await log.tick(5);
    await tasks.commit({ position: 1, signals: [] }, () => undefined);
    expect([log.end(), tasks.position()]).toEqual([1, 1]);
    await committer.close();
  });

  it('refuses the change that cannot be written and keeps those beside it', async () => {
    const dir = join(root, `${directories++}`);
    const committer = new Committer(dir, { reserveBytes: 0 });
    const log = new LmdbLog(committer);
    const broken = committer.commit({
      write: () => {
        throw new Error('MDB_MAP_FULL: Environment mapsize limit reached');
      },
    });
    const appended = log.append([{ source: 'web', arrival: 1, count: 1, payload: Buffer.from('a') }]);
    await expect(broken).rejects.toMatchObject({ code: 'log_full', retryable: true });
    expect(await appended).toBe(0);
    expect(log.end()).toBe(1);
    await committer.close();
    await expect(log.tick(1)).rejects.toMatchObject({ code: 'state_closed' });
  });
});
