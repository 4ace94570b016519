import { createHash } from 'node:crypto';

/** Short hash of settings: two that are equal have the same, whatever process read them. Secrets do not count, they never leave their wrapper. */
export function settingsHash(settings: unknown): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);
}
