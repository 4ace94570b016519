import type { Signal } from '#ecs';
import type { Clock, Millis } from '#time';
import type { Logger } from '#telemetry';
import type { Delivery } from './delivery/delivery.js';
import type { Occasion, Undelivered } from './outbox.js';

/** One signal, told to one receiver. */
export interface SignalNotice {
  readonly kind: 'signal';
  /** The idempotency key: the same notice has the same id in every attempt. */
  readonly id: string;
  readonly occasion: Occasion;
  readonly signal: Signal;
  /** Id of the notification of the opening: mails of one signal thread by it. */
  readonly opening: string;
  /** True when the receiver has not been told of the opening: this notice then says both. */
  readonly untold: boolean;
  readonly receiver: string;
  /** When it was written into the outbox. */
  readonly at: Millis;
  readonly instead?: Undelivered;
}

/** Many signals in one message, because the receiver's budget for single ones is used up. */
export interface Digest {
  readonly kind: 'digest';
  readonly id: string;
  readonly entries: readonly SignalNotice[];
  readonly receiver: string;
  readonly at: Millis;
}

export type Notice = SignalNotice | Digest;

/** A way to deliver. `send` answers with a value for everything that can be expected; it throws only when the channel itself is broken. */
export interface Channel {
  send(notice: Notice): Promise<Delivery>;
  close?(): void;
}

/** What every channel is made with, beside its own configuration. */
export interface ChannelParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Where people reach the API, without a slash at the end; links are made of it. */
  readonly baseUrl: string;
}
