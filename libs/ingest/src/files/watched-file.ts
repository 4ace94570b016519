import { readFileSync, statSync } from 'node:fs';
import { ServiceError } from '#telemetry';

/** A file that is read again when it has changed. What was read last stays in force until the new content could be read. */
export class WatchedFile<T> {
  #content: T;
  #mark: string;
  #problem: string | undefined;

  /** @throws ServiceError `enrichment_unreadable` when it cannot be read now. */
  constructor(
    private readonly path: string,
    private readonly read: (bytes: Buffer, changed: number) => T,
  ) {
    try {
      const { mark, changed } = markOf(path);
      this.#content = read(readFileSync(path), changed);
      this.#mark = mark;
    } catch (cause) {
      throw new ServiceError('enrichment_unreadable', `${path} cannot be used: ${reasonOf(cause)}`, { cause });
    }
  }

  get content(): T {
    return this.#content;
  }

  /** Why the file as it is now is not in force. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Looks whether the file has changed and reads it; tells whether there is something new. */
  refresh(): boolean {
    try {
      const { mark, changed } = markOf(this.path);
      if (mark === this.#mark) return false;
      // Marked first: a file that cannot be read is tried again when it has changed again.
      this.#mark = mark;
      this.#content = this.read(readFileSync(this.path), changed);
      this.#problem = undefined;
      return true;
    } catch (error) {
      this.#problem = `${this.path} cannot be used, what was read before stays in force: ${reasonOf(error)}`;
      return false;
    }
  }
}

function markOf(path: string): { mark: string; changed: number } {
  const { mtimeMs, size, ino } = statSync(path);
  return { mark: `${ino}/${size}/${mtimeMs}`, changed: Math.floor(mtimeMs) };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
