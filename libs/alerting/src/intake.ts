import type { Signal } from '#ecs';
import type { Millis } from '#time';
import { notificationId } from './notification-id.js';
import type { Notification, Occasion } from './outbox.js';
import { wants, type Receiver } from './receiver.js';

/** A signal in the journal of the detector. `JournalEntry` of `#detection` fits. */
export interface SignalEntry {
  readonly sequence: number;
  readonly signal: Signal;
}

/** A signal whose evidence sufficed longer ago than this belongs to history that is being read in: minutes do not matter any more. */
const historyAge: Millis = 5 * 60_000;
/** So long an opening from history waits, so that its closing, usually only a moment behind in the journal, can join it. */
const historyHold: Millis = 10_000;

/**
 * What a run of journal entries asks to be told: for each receiver and channel one notification when a signal is first seen and one when it is closed.
 * Depends on the entries and `now` alone; how the journal is cut into runs makes no difference, since the outbox leaves alone what it has.
 */
export function notificationsFor(entries: readonly SignalEntry[], receivers: readonly Receiver[], now: Millis): Notification[] {
  const made = new Map<string, Notification>();
  for (const { signal } of entries) {
    // On-call is told once of episodes that turn out to be one: the signal that takes the other over speaks for both.
    if (signal.status === 'merged') continue;
    for (const receiver of receivers) {
      if (!wants(receiver, signal.rule.level)) continue;
      for (const channel of receiver.channels) {
        // Also asked for when it is closed: the first this receiver hears of a short burst, or of one from before his time, is its end.
        keep(made, notificationOf(signal, 'opened', { receiver: receiver.name, channel, now }));
        if (signal.status === 'closed' && receiver.sendResolved)
          keep(made, notificationOf(signal, 'closed', { receiver: receiver.name, channel, now }));
      }
    }
  }
  return [...made.values()];
}

function keep(made: Map<string, Notification>, notification: Notification): void {
  if (!made.has(notification.id)) made.set(notification.id, notification);
}

/** A notification that waits for its first attempt. */
export function notificationOf(
  signal: Signal,
  occasion: Occasion,
  { receiver, channel, now }: { receiver: string; channel: string; now: Millis },
): Notification {
  const hold = occasion === 'opened' && signal.status === 'open' && now - signal.reached > historyAge ? historyHold : 0;
  return {
    id: notificationId({ signal: signal.id, occasion, receiver, channel }),
    signal,
    occasion,
    receiver,
    channel,
    createdAt: now,
    state: 'waiting',
    dueAt: now + hold,
    attempts: 0,
  };
}
