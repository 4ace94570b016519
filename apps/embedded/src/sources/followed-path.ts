import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Logger } from '#telemetry';
import { keyOf, OpenFile, type FilePiece, type Found } from './open-file.js';

/** Looks without news after which a file that lost its name is taken as written to its end. */
const quietLooks = 2;

export interface PathParts {
  readonly saved: (key: string) => string | undefined;
  readonly logger: Logger;
  /** Inodes that are being read, over all paths: a file with two names is read once. */
  readonly active: Set<string>;
  readonly counted: (what: 'rotated' | 'truncated') => void;
}

/** State of a followed path, for health. */
export interface PathState {
  readonly path: string;
  readonly source: string;
  readonly state: 'reading' | 'waiting' | 'refused';
  readonly position: number;
  readonly size: number;
}

/** A path whose file is read on and on: also when it is renamed away and a new one takes its name, or when it is emptied in place. */
export class FollowedPath {
  readonly path: string;
  readonly source: string;
  /** The file being read, and those to be read after it. */
  #files: OpenFile[] = [];
  #quiet = 0;
  #replaced = false;
  /** The last trouble told, so that it is told once. */
  #told = '';
  #refused = '';
  #begun = false;

  constructor(
    private readonly target: { readonly path: string; readonly source: string; readonly fromPattern: boolean },
    private readonly parts: PathParts,
  ) {
    this.path = target.path;
    this.source = target.source;
  }

  /** Looks at the file system: opens what is there, notices what happened to what was there. */
  look(): void {
    this.#safely(() => this.#look());
  }

  #look(): void {
    const current = this.#files[0];
    if (!current) return this.#open();
    if (current.restarted()) {
      this.parts.counted('truncated');
      this.parts.logger.warn('A followed file was emptied or written anew; it is read again from its beginning.', { path: this.path });
    }
    const key = statKey(this.path);
    // Without a successor a renamed file may still be written to for long; a deleted one keeps its disk space until it is closed.
    this.#replaced = this.#files.length > 1 || (key !== undefined ? key !== current.key : current.deleted());
    if (!this.#replaced) this.#quiet = 0;
  }

  /** The next piece; `undefined` when there is none now. */
  next(): FilePiece | undefined {
    return this.#safely(() => this.#next());
  }

  #next(): FilePiece | undefined {
    for (let current = this.#files[0]; current; current = this.#files[0]) {
      const piece = current.next(false);
      if (piece) {
        this.#quiet = 0;
        return piece;
      }
      if (!this.#replaced || ++this.#quiet < quietLooks) return undefined;
      const last = current.next(true);
      if (last) return last;
      this.#finish(current);
    }
    return undefined;
  }

  /** The bookmarks that belong to a piece: where its file is read on, and which file this path was last seen to be. */
  bookmarks(piece: FilePiece): Record<string, string> {
    const current = this.#current();
    return Object.fromEntries([current.bookmark(piece), [pathKey(this.path), current.key]]);
  }

  advance(piece: FilePiece): void {
    this.#current().advance(piece);
  }

  get tag(): string {
    return this.#current().tag;
  }

  /** Share of the file that has been read: files of the same days are kept abreast by it. */
  progress(): number {
    const current = this.#files[0];
    return current ? current.position / Math.max(1, current.size()) : 1;
  }

  /** Lines cut since the last call. */
  takeCutLines(): number {
    const current = this.#files[0];
    if (!current) return 0;
    const cut = current.cutLines;
    current.cutLines = 0;
    return cut;
  }

  state(): PathState {
    const current = this.#files[0];
    const state = current ? 'reading' : this.#refused ? 'refused' : 'waiting';
    return { path: this.path, source: this.source, state, position: current?.position ?? 0, size: current?.size() ?? 0 };
  }

  /** A name that a pattern found once and that is no more. */
  gone(): boolean {
    return this.target.fromPattern && this.#files.length === 0 && statKey(this.path) === undefined;
  }

  close(): void {
    for (const file of this.#files) this.#release(file);
    this.#files = [];
  }

  #current(): OpenFile {
    const current = this.#files[0];
    if (!current) throw new Error(`No file is open for ${this.path}.`);
    return current;
  }

  #open(): void {
    const opened = this.#tryOpen(this.path);
    if (!opened) return;
    const earlier = this.#begun ? [] : this.#unfinished(opened.file.key);
    this.#begun = true;
    this.#files = [...earlier, opened.file];
    this.#quiet = 0;
    this.#replaced = this.#files.length > 1;
    if (opened.found === 'replaced') this.parts.counted('truncated');
    this.parts.logger.info('A file is being followed.', {
      path: this.path,
      source: this.source,
      position: opened.file.position,
      found: opened.found,
    });
  }

  #tryOpen(path: string): { file: OpenFile; found: Found } | undefined {
    const key = statKey(path);
    if (key !== undefined && (key === this.#refused || this.parts.active.has(key))) return undefined;
    try {
      const opened = OpenFile.open(path, this.parts.saved);
      if (opened.file.gzip) return this.#refuse(opened.file);
      this.parts.active.add(opened.file.key);
      this.#tell('');
      return opened;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      this.#tell(code, () =>
        code === 'ENOENT'
          ? this.parts.logger.info('A followed file is not there yet; it is waited for.', { path })
          : this.parts.logger.warn('A followed file cannot be opened; it is tried again and again.', { path, reason: code }),
      );
      return undefined;
    }
  }

  #refuse(file: OpenFile): undefined {
    file.close();
    this.#refused = file.key;
    this.parts.logger.error('A followed file is compressed and cannot be followed; read it once with: gatewatch scan FILE.', {
      path: file.path,
    });
    return undefined;
  }

  /** Files rotated away while nobody looked, oldest first: the one that was being read, and those that came between it and the present one. */
  #unfinished(present: string): OpenFile[] {
    const last = this.parts.saved(pathKey(this.path));
    if (last === undefined || last === present) return [];
    const siblings = rotated(this.path).sort((a, b) => a.modified - b.modified);
    const known = siblings.find(({ key }) => key === last);
    if (!known) {
      this.parts.logger.warn('The file read last was rotated away and is not beside the new one; what was not read of it is missing.', {
        path: this.path,
      });
      return [];
    }
    const later = siblings.filter(({ key, modified }) => key !== last && key !== present && modified >= known.modified);
    return [known, ...later].flatMap(({ path }) => this.#tryOpen(path)?.file ?? []);
  }

  #finish(file: OpenFile): void {
    this.#release(file);
    this.#files.shift();
    this.#quiet = 0;
    this.parts.counted('rotated');
    this.parts.logger.info('A followed file was rotated and is read to its end.', { path: this.path, position: file.position });
    if (this.#files.length === 0) this.#open();
    this.#replaced = this.#files.length > 1;
  }

  /** Trouble with one file (a failing disk, a folder that became unreadable) is told once and must not stop the others. */
  #safely<T>(look: () => T): T | undefined {
    try {
      return look();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === undefined) throw error;
      this.#tell(code, () =>
        this.parts.logger.error('A followed file cannot be read; it is tried again and again.', { path: this.path, reason: code }),
      );
      return undefined;
    }
  }

  #release(file: OpenFile): void {
    this.parts.active.delete(file.key);
    file.close();
  }

  #tell(what: string, tell?: () => void): void {
    if (this.#told === what) return;
    this.#told = what;
    tell?.();
  }
}

function pathKey(path: string): string {
  return `path/${path}`;
}

function statKey(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && keyOf(stat);
}

/** `access.log.1`, `access.log-20261122`: not compressed ones, nor other programs' files. */
function rotated(path: string): { path: string; key: string; modified: number }[] {
  const [folder, name] = [dirname(path), basename(path)];
  return readdirSync(folder)
    .filter((other) => other.startsWith(name) && /^[.-]\d[\d.-]*$/.test(other.slice(name.length)))
    .flatMap((other) => {
      const stat = statSync(join(folder, other), { bigint: true, throwIfNoEntry: false });
      return stat?.isFile() ? [{ path: join(folder, other), key: keyOf(stat), modified: Number(stat.mtimeMs) }] : [];
    });
}
