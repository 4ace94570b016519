import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceError } from '#telemetry';

/**
 * The key of the data directory by which tokens, sessions and API keys are named, made at the first start. With another key the same token would get
 * another name, so it is never replaced.
 * @throws ServiceError `hash_key_unreadable` when it can neither be read nor made.
 */
export function hashKeyOf(directory: string): string {
  const path = join(directory, 'hash.key');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // Fails where it is already: then that one holds.
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unreadable(path, error);
  }
  try {
    const key = readFileSync(path, 'utf8').trim();
    if (key.length >= 32) return key;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path, new Error('expected at least 32 characters'));
}

function unreadable(path: string, cause: unknown): ServiceError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ServiceError(
    'hash_key_unreadable',
    `The key ${path} cannot be used (${why}). Restore it from a backup, or set ingest.hash_key.`,
    {
      cause,
    },
  );
}
