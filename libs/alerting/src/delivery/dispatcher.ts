import type { Clock, Millis } from '#time';
import type { Notification, Outbox } from '../outbox.js';
import type { Lane } from './lane.js';
import { openingOf } from './parcels.js';

/** While something due is held back, the outbox cannot say when the next thing is due, so it is looked at this often. */
const poll: Millis = 1000;
/** After a look at a long backlog, which costs something, the next one waits longer; what is new wakes us anyway. */
const rarePoll: Millis = 5000;
const firstLook = 512;
const furthestLook = 131_072;
/** With so many messages in hand it is not worth looking further. */
const handful = 128;

export interface DispatcherParts {
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** How many messages may be under way at once, over all lanes. */
  readonly concurrency: number;
  /** The lane of a notification; one for what nobody is configured to get any more, too. */
  readonly laneOf: (notification: Notification) => Lane;
}

/** Takes what is due out of the outbox and runs it through the lanes. */
export class Dispatcher {
  #running = new Set<Promise<void>>();
  #nap: AbortController | undefined;
  #woken = false;
  #trouble: Error | undefined;

  constructor(private readonly parts: DispatcherParts) {}

  /** Something new is in the outbox, or a lane is free. */
  wake(): void {
    this.#woken = true;
    this.#nap?.abort();
  }

  /** Works until `stop` is aborted; resolves when the messages under way are finished and recorded. */
  async run(stop: AbortSignal): Promise<void> {
    const wake = (): void => this.wake();
    stop.addEventListener('abort', wake, { once: true });
    while (!stop.aborted && this.#trouble === undefined) {
      this.#woken = false;
      const wait = this.#startDue(stop);
      if (!this.#woken) await this.#sleep(wait);
    }
    stop.removeEventListener('abort', wake);
    await this.#finished();
  }

  /** One pass: everything that can be tried now is tried once. */
  async pass(stop: AbortSignal): Promise<void> {
    this.#startDue(stop);
    await this.#finished();
  }

  async #finished(): Promise<void> {
    while (this.#running.size) await Promise.all(this.#running);
    if (this.#trouble !== undefined) throw this.#trouble;
  }

  async #sleep(wait: Millis): Promise<void> {
    const nap = new AbortController();
    this.#nap = nap;
    await this.parts.clock.sleep(wait, nap.signal);
    this.#nap = undefined;
  }

  /** Starts lanes that have work, and tells how long nothing else need be done. */
  #startDue(stop: AbortSignal): Millis {
    const { clock, concurrency, outbox } = this.parts;
    const now = clock.now();
    const { work, held, far } = this.#look(now);
    let left = held;
    for (const [lane, due] of work) {
      if (this.#running.size >= concurrency) {
        left = true;
        break;
      }
      this.#start(lane, due, stop);
    }
    if (left || this.#running.size) return far && !work.size ? rarePoll : poll;
    const next = outbox.nextDue();
    return next === undefined ? 60_000 : Math.min(Math.max(next - now, 1), 60_000);
  }

  /** What is due, by lane. A blocked lane with a long backlog must not hide the others, so the look goes further while it finds nobody to serve. */
  #look(now: Millis): { work: Map<Lane, Notification[]>; held: boolean; far: boolean } {
    for (let limit = firstLook; ; limit *= 4) {
      const due = this.parts.outbox.due(now, limit);
      const work = new Map<Lane, Notification[]>();
      let held = false;
      let taken = 0;
      for (const notification of due) {
        const lane = this.parts.laneOf(notification);
        if (lane.busy || lane.openAt > now || this.#waitsForOpening(notification, now)) {
          held = true;
          continue;
        }
        taken++;
        if (work.has(lane)) work.get(lane)!.push(notification);
        else work.set(lane, [notification]);
      }
      if (taken >= handful || due.length < limit || limit >= furthestLook) {
        for (const list of work.values()) list.sort((a, b) => a.createdAt - b.createdAt);
        return { work, held, far: limit > firstLook };
      }
    }
  }

  /** A closing does not overtake its opening: while that waits for a later attempt, the two will be told together then. */
  #waitsForOpening(notification: Notification, now: Millis): boolean {
    if (notification.occasion !== 'closed') return false;
    const opening = this.parts.outbox.notification(openingOf(notification));
    return opening?.state === 'waiting' && opening.dueAt > now;
  }

  #start(lane: Lane, due: readonly Notification[], stop: AbortSignal): void {
    lane.busy = true;
    const run = lane
      .run(due, stop)
      .catch((error: unknown) => {
        // Lanes answer for all that can be expected; what is left must end `run`, not vanish.
        this.#trouble = error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        lane.busy = false;
        this.#running.delete(run);
        this.wake();
      });
    this.#running.add(run);
  }
}
