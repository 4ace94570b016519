import { statfsSync } from 'node:fs';
import { open, type Database, type RootDatabase, type TransactionFlags } from 'lmdb';
import { ServiceError } from '#telemetry';

/** One change: `write` puts and removes in the transaction it is called in, perhaps more than once; `done` follows once it is on disk. */
export interface Change {
  write(): void;
  done?(): void;
  /** Bytes it adds: not accepted where less than the reserve would stay free. Absent: may use the reserve. */
  readonly bytes?: number;
}

interface Queued extends Change {
  resolve(): void;
  reject(error: ServiceError): void;
}

export interface StateSettings {
  /** Bytes of the disk that accepted records leave free, so that checkpoints still fit when the disk is full. */
  readonly reserveBytes: number;
}

/** Bytes that one transaction carries at most, unless one change has more. */
const groupBytes = 16 * 1024 * 1024;
/** commit now and abort on a throw (1 | 2), flush not now (0x10000): the flags of lmdb's `TransactionFlags`. */
const commitUnflushed = 0x10003 as TransactionFlags;

/** The part of lmdb-js's environment that its types leave out: flushing off the main thread. */
interface Flushing {
  readonly env: { sync(done: (error?: Error) => void): void };
}

/**
 * The one lmdb environment and the only writer to it. Changes that wait are committed together and flushed off the main thread; a change is done
 * when it is on disk. Transactions are synchronous because only those report a full disk as an error that can be caught.
 */
export class Committer {
  readonly #root: RootDatabase;
  readonly #queue: Queued[] = [];
  #running: Promise<void> | undefined;
  #broken: ServiceError | undefined;

  constructor(
    private readonly dir: string,
    private readonly settings: StateSettings,
  ) {
    this.#root = open({ path: dir, encoding: 'binary', overlappingSync: true, maxDbs: 24 });
    if (typeof this.#flushing.env.sync !== 'function')
      throw new ServiceError('state_unusable', 'This release of lmdb cannot flush on demand.');
  }

  database<V, K extends string | number | Buffer | (string | number)[]>(
    name: string,
    encoding: 'binary' | 'string' | 'json',
    binaryKeys = false,
  ): Database<V, K> {
    return this.#root.openDB<V, K>({ name, encoding, ...(binaryKeys && { keyEncoding: 'binary' }) });
  }

  /** @throws ServiceError `log_full` (retryable) or `state_failed`; then nothing of the change happened. */
  commit(change: Change): Promise<void> {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#queue.push({ write: () => change.write(), done: () => change.done?.(), bytes: change.bytes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async close(): Promise<void> {
    // What is done may be followed by more.
    while (this.#running) await this.#running;
    this.#broken ??= new ServiceError('state_closed', 'The state store is closed.');
    await this.#root.close();
  }

  get #flushing(): Flushing {
    return this.#root as unknown as Flushing;
  }

  async #run(): Promise<void> {
    // Callers of the same turn of the event loop share the first transaction.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const written = this.#writeGroup(this.#takeGroup());
      if (written.length > 0) await this.#flush(written);
    }
    this.#running = undefined;
  }

  #takeGroup(): Queued[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && (count === 0 || bytes + (this.#queue[count]!.bytes ?? 0) <= groupBytes))
      bytes += this.#queue[count++]!.bytes ?? 0;
    return this.#queue.splice(0, count);
  }

  /** Commits what can be committed and refuses the rest. */
  #writeGroup(group: Queued[]): Queued[] {
    const accepted = group.filter((change) => this.#hasRoom(change));
    if (accepted.length === 0) return [];
    try {
      this.#transact(accepted);
      return accepted;
    } catch (error) {
      if (accepted.length > 1) return accepted.flatMap((change) => this.#writeGroup([change]));
      accepted[0]!.reject(refusal(error));
      return [];
    }
  }

  #transact(changes: readonly Queued[]): void {
    this.#root.transactionSync(() => {
      for (const change of changes) change.write();
    }, commitUnflushed);
  }

  #hasRoom({ bytes, reject }: Queued): boolean {
    if (bytes === undefined) return true;
    const { bavail, bsize } = statfsSync(this.dir);
    if (bavail * bsize - bytes >= this.settings.reserveBytes) return true;
    reject(new ServiceError('log_full', `The disk of ${this.dir} has no room for more records.`, { retryable: true }));
    return false;
  }

  async #flush(written: readonly Queued[]): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => this.#flushing.env.sync((error) => (error ? reject(error) : resolve())));
    } catch (cause) {
      // What the kernel could not write it may have forgotten: a second flush that succeeds would prove nothing.
      this.#broken = new ServiceError('state_failed', 'The state could not be flushed to disk. Restart Gatewatch when the disk is sound.', {
        cause,
      });
      for (const { reject } of [...written, ...this.#queue.splice(0)]) reject(this.#broken);
      return;
    }
    for (const { done, resolve } of written) {
      done?.();
      resolve();
    }
  }
}

/** lmdb reports a disk without room as EIO when a write was short. */
const noRoom = /MDB_MAP_FULL|No space|Input\/output error|Disk quota|File too large/i;

function refusal(cause: unknown): ServiceError {
  if (cause instanceof ServiceError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (noRoom.test(message)) return new ServiceError('log_full', `The disk has no room: ${message}`, { retryable: true, cause });
  return new ServiceError('state_failed', `The state could not be written: ${message}`, { cause });
}
