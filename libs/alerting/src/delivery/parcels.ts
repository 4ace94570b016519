import { hashOf, notificationId } from '../notification-id.js';
import type { Notice, SignalNotice } from '../notice.js';
import type { Notification } from '../outbox.js';

/** One message to send, and the notifications that are settled by what becomes of it. */
export interface Parcel {
  readonly notice: Notice;
  readonly notifications: readonly Notification[];
}

/** More than this does not go into one digest: a message must stay a message. */
export const longestDigest = 500;

/** Id of the notification of the opening that belongs to this one. */
export function openingOf({ signal, receiver, channel }: Notification): string {
  return notificationId({ signal: signal.id, occasion: 'opened', receiver, channel });
}

/**
 * Wraps the due notifications of one receiver and channel, oldest first. An opening and a closing of one signal that both still wait become one notice, under the
 * closing's id: if an earlier attempt at the opening did arrive, a receiver that drops repeated ids still hears of the end. `wasTold` says whether a notification
 * was delivered.
 */
export function wrap(due: readonly Notification[], wasTold: (id: string) => boolean): Parcel[] {
  const closings = new Map<string, Notification>();
  for (const notification of due) if (notification.occasion === 'closed') closings.set(notification.signal.id, notification);
  const openings = new Set(due.filter(({ occasion }) => occasion === 'opened').map(({ signal }) => signal.id));
  const parcels: Parcel[] = [];
  for (const notification of due) {
    const { signal, occasion } = notification;
    const closing = closings.get(signal.id);
    if (occasion === 'opened') {
      const told = closing ?? notification;
      parcels.push({ notice: noticeOf(told, true), notifications: closing ? [notification, closing] : [notification] });
    } else if (!openings.has(signal.id)) {
      parcels.push({ notice: noticeOf(notification, !wasTold(openingOf(notification))), notifications: [notification] });
    }
  }
  return parcels;
}

function noticeOf(notification: Notification, untold: boolean): SignalNotice {
  const { id, signal, occasion, receiver, createdAt, instead } = notification;
  return {
    kind: 'signal',
    id,
    occasion,
    signal,
    opening: openingOf(notification),
    untold,
    receiver,
    at: createdAt,
    ...(instead && { instead }),
  };
}

/**
 * Keeps to a budget of messages: when there are more parcels than `budget`, the last message of the budget is a digest of all that is left. What does not fit into
 * one digest waits for the next minute.
 */
export function fitInto(budget: number, parcels: readonly Parcel[]): Parcel[] {
  if (parcels.length <= budget) return [...parcels];
  if (budget < 1) return [];
  const rest = parcels.slice(budget - 1, budget - 1 + longestDigest);
  return [...parcels.slice(0, budget - 1), rest.length === 1 ? rest[0]! : digestOf(rest)];
}

function digestOf(parcels: readonly Parcel[]): Parcel {
  const entries = parcels.map(({ notice }) => notice).filter((notice): notice is SignalNotice => notice.kind === 'signal');
  const id = hashOf(['digest', ...entries.map((entry) => entry.id)]);
  const { receiver, at } = entries.at(-1)!;
  return { notice: { kind: 'digest', id, entries, receiver, at }, notifications: parcels.flatMap(({ notifications }) => notifications) };
}
