import { createHash } from 'node:crypto';
import type { Occasion } from './outbox.js';

/** What one notification is about and for whom. */
export interface NotificationKey {
  readonly signal: string;
  readonly occasion: Occasion;
  readonly receiver: string;
  readonly channel: string;
}

/** 128 bits of hash(signal id, occasion, receiver, channel): the same question always gets the same answer, whatever crashed in between. */
export function notificationId({ signal, occasion, receiver, channel }: NotificationKey): string {
  return hashOf([signal, occasion, receiver, channel]);
}

/** Hash of a list of texts; each is preceded by its length, so that no two lists run into the same bytes. */
export function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest('hex').slice(0, 32);
}
