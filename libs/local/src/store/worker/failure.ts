import type { Failure } from '../messages.js';

const full = /ENOSPC|EDQUOT|EFBIG|No space left|Disk quota|File too large|disk is full|Could not write all bytes/i;
const memory = /Out of Memory|failed to allocate|memory limit/i;
const damaged = /corrupt|not a valid DuckDB|Serialization Error|checksum|newer version/i;

/** What went wrong, in our codes. Only what a later try can mend is retryable. */
export function failure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const system = (error as { code?: unknown }).code;
  if (full.test(message) || full.test(String(system)))
    return { code: 'store_full', message: `The event store has no room: ${message}`, retryable: true };
  if (memory.test(message))
    return { code: 'store_memory', message: `The event store ran out of its memory limit: ${message}`, retryable: true };
  if (damaged.test(message)) return { code: 'store_damaged', message: `The event store cannot be read: ${message}`, retryable: false };
  return { code: 'store_failed', message: `The event store failed: ${message}`, retryable: true };
}
