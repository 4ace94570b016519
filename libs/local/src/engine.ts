import { join } from 'node:path';
import type { Outbox } from '#alerting';
import type { TaskStore } from '#detection';
import type { FieldIndex } from '#ecs';
import type { RecordLog } from '#stream';
import { ServiceError, type Logger } from '#telemetry';
import { takeDataDirectory } from './data-directory.js';
import { Committer } from './state/committer.js';
import { LmdbLog } from './state/lmdb-log.js';
import { LmdbOutbox } from './state/lmdb-outbox.js';
import { LmdbTaskStore } from './state/lmdb-task-store.js';
import { DuckStore } from './store/duck-store.js';

/** What can be set about the local engine; each has a default that suits a laptop. */
export interface LocalSettings {
  /** Memory that DuckDB may take, as DuckDB writes it. Default `512MB`. */
  readonly memoryLimit: string;
  /** Threads of one query or compaction. Default 2. */
  readonly threads: number;
  /** Stretches with at least so many events become a file of their own at once. Default 5000. */
  readonly segmentRows: number;
  /** Bytes of the disk that accepted records leave free for checkpoints and the outbox. Default 64 MiB. */
  readonly reserveBytes: number;
}

/** Default of every setting. */
export const localDefaults: LocalSettings = { memoryLimit: '512MB', threads: 2, segmentRows: 5000, reserveBytes: 64 * 1024 * 1024 };

/** Everything that embedded mode keeps, in one data directory held by one process. */
export interface LocalEngine {
  readonly log: RecordLog;
  readonly tasks: TaskStore;
  readonly outbox: Outbox;
  /** Sink and store of events, dead letters and signals, with `maintain`, `retain` and `counts`. */
  readonly events: DuckStore;
  /** Waits for what is under way, then gives the directory back. */
  close(): Promise<void>;
}

export interface LocalOptions {
  readonly dir: string;
  readonly logger: Logger;
  readonly settings?: Partial<LocalSettings>;
  /** The index shared by ingest and detection, for fields beyond the table. */
  readonly index?: FieldIndex;
}

/**
 * Opens, or makes, a data directory.
 * @throws ServiceError `data_dir_in_use`, `data_format_newer`, `data_dir_unusable`, `state_unusable`, `store_damaged`
 */
export async function openLocalEngine({ dir, logger, settings, index }: LocalOptions): Promise<LocalEngine> {
  const { reserveBytes, ...store } = { ...localDefaults, ...settings };
  const directory = takeDataDirectory(dir);
  let committer: Committer | undefined;
  try {
    committer = openState(join(dir, 'state'), reserveBytes);
    const [log, tasks, outbox] = [new LmdbLog(committer), new LmdbTaskStore(committer), new LmdbOutbox(committer)];
    const events = await DuckStore.open({ ...store, dir: join(dir, 'events') }, index);
    logger.info('Data directory opened.', { dir, logEnd: log.end(), checkpoint: tasks.position(), eventMark: events.mark() });
    const state = committer;
    const close = async (): Promise<void> => {
      await events.close();
      await state.close();
      directory.release();
    };
    return { log, tasks, outbox, events, close };
  } catch (error) {
    await committer?.close();
    directory.release();
    throw error;
  }
}

function openState(dir: string, reserveBytes: number): Committer {
  try {
    return new Committer(dir, { reserveBytes });
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError('state_unusable', `The state in ${dir} cannot be opened: ${(cause as Error).message}`, { cause });
  }
}
