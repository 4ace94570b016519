import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { ServiceError } from '#telemetry';

/** A file that is read again when it has changed. What was read last stays in force until the new content could be read. */
export class WatchedFile<T> {
  #content: T;
  #mark: string;
  #problem: string | undefined;
  #version: string | undefined;

  /** @throws ServiceError `enrichment_unreadable` when it cannot be read now. */
  constructor(
    private readonly path: string,
    private readonly read: (bytes: Buffer, changed: number) => T,
    /** What holds while there is no such file, if it may come later. */
    private readonly absent?: T,
  ) {
    if (absent !== undefined && !isThere(path)) {
      this.#content = absent;
      this.#mark = '';
      return;
    }
    try {
      const { mark, changed } = markOf(path);
      const bytes = readFileSync(path);
      this.#content = read(bytes, changed);
      this.#version = versionOf(bytes);
      this.#mark = mark;
    } catch (cause) {
      throw new ServiceError('enrichment_unreadable', `${path} cannot be used: ${reasonOf(cause)}`, { cause });
    }
  }

  get content(): T {
    return this.#content;
  }

  /** Of what is in force, by its bytes; none where there is no file yet. */
  get version(): string | undefined {
    return this.#version;
  }

  /** Why the file as it is now is not in force. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Looks whether the file has changed and reads it; tells whether there is something new. */
  refresh(): boolean {
    if (this.absent !== undefined && this.#mark === '' && !isThere(this.path)) return false;
    try {
      const { mark, changed } = markOf(this.path);
      if (mark === this.#mark) return false;
      // Marked first: a file that cannot be read is tried again when it has changed again.
      this.#mark = mark;
      const bytes = readFileSync(this.path);
      this.#content = this.read(bytes, changed);
      this.#version = versionOf(bytes);
      this.#problem = undefined;
      return true;
    } catch (error) {
      this.#problem = `${this.path} cannot be used, what was read before stays in force: ${reasonOf(error)}`;
      return false;
    }
  }
}

/** The versions of files by their names; nothing where none is there. */
export function versionsOf(
  named: readonly { readonly name: string }[],
  files: readonly { readonly version: string | undefined }[],
): string | undefined {
  const versions = named.flatMap(({ name }, nth) => (files[nth]?.version === undefined ? [] : [`${name} ${files[nth].version}`]));
  return versions.length ? versions.join(', ') : undefined;
}

function markOf(path: string): { mark: string; changed: number } {
  const { mtimeMs, size, ino } = statSync(path);
  return { mark: `${ino}/${size}/${mtimeMs}`, changed: Math.floor(mtimeMs) };
}

function versionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
