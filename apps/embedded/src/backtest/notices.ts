import type { AlertingConfig } from '#alerting';
import { levels } from '#ecs';
import type { Found } from './found.js';

/** What one receiver would have been sent. */
export interface ReceiverNotices {
  readonly receiver: string;
  readonly channels: number;
  /** Messages over all its channels, digests included. */
  readonly messages: number;
  /** Of those: a digest stands for what is above the receiver's bound a minute. */
  readonly digests: number;
  readonly perDay: Readonly<Record<string, number>>;
}

const minute = 60_000;

/** Counts messages as routing sends them: one when a signal opens, one when it is over, at most so many a minute. */
export function noticesFor(found: readonly Found[], { receivers }: Pick<AlertingConfig, 'receivers'>): ReceiverNotices[] {
  return receivers.map(({ name, min_level: least, send_resolved: resolved, max_per_minute: most, channels }) => {
    const minutes = new Map<number, number>();
    const add = (time: number): void => void minutes.set(Math.floor(time / minute), (minutes.get(Math.floor(time / minute)) ?? 0) + 1);
    for (const { level, reached, last } of found) {
      if (levels.indexOf(level) < levels.indexOf(least)) continue;
      add(reached);
      if (resolved) add(last);
    }
    const perDay: Record<string, number> = {};
    let [messages, digests] = [0, 0];
    for (const [at, amount] of minutes) {
      const sent = amount > most ? most + 1 : amount;
      if (amount > most) digests += channels.length;
      messages += sent * channels.length;
      const day = dayOf(at * minute);
      perDay[day] = (perDay[day] ?? 0) + sent * channels.length;
    }
    return { receiver: name, channels: channels.length, messages, digests, perDay: sorted(perDay) };
  });
}

/** Date of an instant, in UTC. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

export function sorted<T>(named: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1)));
}
