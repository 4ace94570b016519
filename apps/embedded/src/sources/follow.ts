import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RecordLog } from '#stream';
import { ServiceError, type Logger, type Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';
import { orAborted } from './abort.js';
import { FollowedPath, type PathState } from './followed-path.js';
import { expand, isGlob } from './glob.js';

/** Stands for standard input, as in every command; it is no file to follow. */
export const stdinPath = '-';

/** What to follow: a path, or a pattern with `*` and `?`, and the source its lines belong to. */
export interface FollowTarget {
  readonly path: string;
  readonly source: string;
}

export interface FollowParts {
  readonly targets: readonly FollowTarget[];
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Resolves when the pipeline has room for more. */
  readonly room: () => Promise<void>;
  /** Between two looks at files that had nothing new. */
  readonly pollInterval?: Millis;
}

const lookAgainForPatterns = 8;
const piecesPerPoll = 64;
const maxPaths = 1000;
const waitAfterFull: Millis = 2000;

/** Reads files as they grow and appends their lines to the log, each piece with its bookmark in the same transaction. */
export class FollowedFiles {
  readonly #parts: FollowParts;
  readonly #paths = new Map<string, FollowedPath>();
  readonly #active = new Set<string>();
  readonly #count: ReturnType<typeof counters>;
  #polls = 0;
  #full = false;
  #tooMany = false;

  /** @throws ServiceError `followed_path_unfit` for a folder or a compressed file, with what to do instead. */
  constructor(parts: FollowParts) {
    this.#parts = parts;
    this.#count = counters(parts.metrics);
    for (const { path, source } of parts.targets) {
      if (isGlob(path)) continue;
      checkFit(path);
      this.#add(resolve(path), source, false);
    }
  }

  /** Reads until the signal is aborted. Rejects only with trouble that waiting cannot mend. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const read = await this.poll(signal);
        if (!read) await this.#parts.clock.sleep(this.#full ? waitAfterFull : (this.#parts.pollInterval ?? 250), signal);
      }
    } finally {
      this.close();
    }
  }

  /** One look at every file, and the reading of what is there, within bounds. True when something was read: look again at once. */
  async poll(signal?: AbortSignal): Promise<boolean> {
    if (this.#polls++ % lookAgainForPatterns === 0) this.#expand();
    const behind = new Set(this.#paths.values());
    for (const path of behind) path.look();
    for (let pieces = 0; pieces < piecesPerPoll;) {
      const path = leastAdvanced(behind);
      if (!path) return pieces > 0;
      await orAborted(this.#parts.room(), signal);
      if (signal?.aborted) return false;
      const outcome = await this.#read(path);
      if (outcome === 'full') return false;
      if (outcome === 'nothing') behind.delete(path);
      else pieces++;
    }
    return true;
  }

  states(): PathState[] {
    return [...this.#paths.values()].map((path) => path.state());
  }

  close(): void {
    for (const path of this.#paths.values()) path.close();
  }

  async #read(path: FollowedPath): Promise<'read' | 'nothing' | 'full'> {
    const { log, clock } = this.#parts;
    const { source } = path;
    const piece = path.next();
    this.#count.cut.add(path.takeCutLines(), { source });
    if (!piece) return 'nothing';
    const { payload, count, position, header } = piece;
    try {
      const described = header === undefined ? {} : { header };
      await log.append([{ source, arrival: clock.now(), payload, count, position, tag: path.tag, ...described }], path.bookmarks(piece));
    } catch (error) {
      if (!(error instanceof ServiceError && error.retryable)) throw error;
      if (!this.#full) this.#parts.logger.warn('The log takes nothing now; followed files wait.', { reason: error.code });
      this.#full = true;
      return 'full';
    }
    this.#full = false;
    path.advance(piece);
    this.#count.records.add(count, { source });
    this.#count.bytes.add(payload.length, { source });
    return 'read';
  }

  #add(path: string, source: string, fromPattern: boolean): void {
    if (this.#paths.has(path)) return;
    const { log, logger } = this.#parts;
    if (this.#paths.size >= maxPaths) {
      if (!this.#tooMany) logger.error('More files match than can be followed; the rest is left out.', { most: maxPaths, path });
      this.#tooMany = true;
      return;
    }
    const counted = (event: 'rotated' | 'truncated'): void => this.#count.changes.add(1, { source, event });
    const saved = (key: string): string | undefined => log.bookmark(key);
    this.#paths.set(path, new FollowedPath({ path, source, fromPattern }, { saved, logger, active: this.#active, counted }));
  }

  #expand(): void {
    for (const target of this.#parts.targets) {
      if (!isGlob(target.path)) continue;
      const found = expand(target.path);
      for (const path of found) this.#add(path, target.source, true);
    }
    // Names that a pattern no longer finds need not be remembered.
    for (const [path, followed] of this.#paths) if (followed.gone()) this.#paths.delete(path);
  }
}

/** See {@link FollowedFiles}. */
export function followFiles(parts: FollowParts): FollowedFiles {
  return new FollowedFiles(parts);
}

// Files of the same days, read one after the other, would make every line of the second late: the one that is furthest behind goes first.
function leastAdvanced(paths: ReadonlySet<FollowedPath>): FollowedPath | undefined {
  let [least, progress]: [FollowedPath | undefined, number] = [undefined, Infinity];
  for (const path of paths) {
    const its = path.progress();
    if (its < progress) [least, progress] = [path, its];
  }
  return least;
}

function checkFit(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) throw unfit(`${path} is a folder. Name a file in it, or a pattern: ${path.replace(/\/$/, '')}/*.log`);
  if (stat?.isFile() && startsCompressed(path)) {
    throw unfit(`${path} is compressed and cannot be followed. Read it once with: gatewatch scan ${path}`);
  }
}

function startsCompressed(path: string): boolean {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch {
    // That it cannot be read now is told, and tried again, when it is followed.
    return false;
  }
  const head = Buffer.alloc(2);
  const bytes = readSync(handle, head, 0, 2, 0);
  closeSync(handle);
  return bytes === 2 && head[0] === 0x1f && head[1] === 0x8b;
}

function unfit(message: string): ServiceError {
  return new ServiceError('followed_path_unfit', message);
}

function counters(metrics: Metrics) {
  return {
    records: metrics.counter('source_read_records_total', 'Records read from followed files.', ['source']),
    bytes: metrics.counter('source_read_bytes_total', 'Bytes read from followed files.', ['source']),
    cut: metrics.counter('source_cut_lines_total', 'Lines above the bound whose rest was left out.', ['source']),
    changes: metrics.counter('source_file_changes_total', 'Followed files that were rotated or truncated.', ['source', 'event']),
  };
}
