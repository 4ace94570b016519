import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ServiceError } from '#telemetry';

/** What a key may do. `admin` may do everything; the write door and the read door share no key. */
export const scopes = ['logs:write', 'read', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export const keyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._:@-]{0,63}$/, 'expected 1 to 64 letters, digits, spaces or . _ : @ -, beginning with a letter or digit');

const storedKey = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{8}$/),
  name: keyName,
  scope: z.enum(scopes),
  /** SHA-256 of the whole key, hex. 256 random bits need no slow hash. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  created: z.iso.datetime(),
  revoked: z.iso.datetime().optional(),
});
export type StoredKey = z.infer<typeof storedKey>;

const file = z.strictObject({ version: z.literal(1), keys: z.array(storedKey) });

/** @throws ServiceError `keys_unreadable` naming the file and what is wrong with it. */
export function readKeys(path: string): StoredKey[] {
  if (!existsSync(path)) return [];
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw unreadable(path, (cause as Error).message, cause);
  }
  const parsed = file.safeParse(text);
  if (parsed.success) return parsed.data.keys;
  const issue = parsed.error.issues[0];
  throw unreadable(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, parsed.error);
}

function unreadable(path: string, why: string, cause: unknown): ServiceError {
  return new ServiceError(
    'keys_unreadable',
    `The key file ${path} cannot be read (${why}). Restore it from a backup, or move it away: new keys are then made at the next start.`,
    { cause },
  );
}

/** Reads, changes and writes the file as one step, also against another process (`gatewatch keys add` beside the running service). */
export function changeKeys(path: string, change: (keys: StoredKey[]) => StoredKey[]): StoredKey[] {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = `${path}.lock`;
  takeLock(lock);
  try {
    const keys = change(readKeys(path));
    writeWhole(path, JSON.stringify({ version: 1, keys }, null, 2) + '\n');
    return keys;
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Written beside, flushed, renamed over: a reader sees the old file or the new one. */
export function writeWhole(path: string, text: string): void {
  const beside = `${path}.${process.pid}.new`;
  const handle = openSync(beside, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(beside, path);
}

// A change takes milliseconds: a lock this old was left behind by a process that died.
const staleAfter = 10_000;

function takeLock(lock: string): void {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      closeSync(openSync(lock, 'wx', 0o600));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isStale(lock)) rmSync(lock, { force: true });
      else Atomics.wait(pause, 0, 0, 10);
    }
  }
  throw new ServiceError('keys_locked', `The key file is being changed by another process. Try again; if none runs, remove ${lock}.`, {
    retryable: true,
  });
}

const pause = new Int32Array(new SharedArrayBuffer(4));

// The file's own clock is the wall clock: an injected one would not be comparable.
function isStale(lock: string): boolean {
  try {
    return Date.now() - statSync(lock).mtimeMs > staleAfter;
  } catch {
    // It was given back meanwhile: try again.
    return true;
  }
}
