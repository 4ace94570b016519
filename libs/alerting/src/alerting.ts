import type { Logger, Metrics } from '#telemetry';
import type { Clock } from '#time';
import { connect, type ChannelConfig } from './channels/channels.js';
import { nameOf, type AlertingConfig } from './config.js';
import { Dispatcher } from './delivery/dispatcher.js';
import type { Reason } from './delivery/delivery.js';
import { Lane, type LaneParts } from './delivery/lane.js';
import { notificationOf, notificationsFor, type SignalEntry } from './intake.js';
import type { Channel, ChannelParts } from './notice.js';
import type { Notification, Outbox } from './outbox.js';
import type { Receiver } from './receiver.js';
import { countSignals } from './signal-count.js';

/** The journal of signals, as alerting reads it. `TaskStore` of `#detection` fits. */
export interface SignalJournal {
  /** Entries after `sequence`, oldest first. */
  journal(after: number, limit: number): readonly SignalEntry[];
  /** Resolves when there are entries after `sequence`, or when the signal is aborted. */
  waitForJournal(after: number, signal: AbortSignal): Promise<void>;
}

export interface AlertingParts {
  readonly config: AlertingConfig;
  /** Where this service listens: links are made of it where the configuration has no `base_url`. */
  readonly address?: string;
  readonly journal: SignalJournal;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** From signals in the journal to messages at their receivers. */
export interface Alerting {
  /**
   * Reads the journal and delivers until `stop` is aborted; then lets the messages under way end (each has its own time limit), records them and resolves.
   * Entries up to `outbox.mark()` are never read again: the host may trim the journal to there.
   */
  run(stop: AbortSignal): Promise<void>;
  /** One round without waiting: all journal entries there are, then one attempt at all that is due. For `doctor`, for commands that end, and for tests. */
  pass(): Promise<void>;
  /** Closes what channels keep open. */
  close(): void;
}

const journalRun = 256;

export function buildAlerting(parts: AlertingParts): Alerting {
  const { config, outbox, clock } = parts;
  const receivers = config.receivers.map(toReceiver);
  const told = parts.metrics.counter('alerting_notifications_total', 'Notifications written to the outbox.', ['receiver', 'occasion']);
  const count = countSignals(parts.metrics);
  const journal = intakeOf(parts, receivers, (made, entries) => {
    count(entries);
    for (const { receiver, occasion } of made) told.add(1, { receiver, occasion });
  });
  const ways = lanesOf(parts, journal.addBeside);
  const dispatcher = new Dispatcher({ outbox, clock, concurrency: config.concurrency, laneOf: ways.laneOf });

  async function readJournal(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (await journal.take()) dispatcher.wake();
      else await parts.journal.waitForJournal(outbox.mark(), stop);
    }
  }
  return {
    async run(stop) {
      // If one of the two ends in trouble, the other must not run on alone.
      const end = new AbortController();
      const abort = (): void => end.abort();
      stop.addEventListener('abort', abort, { once: true });
      if (stop.aborted) abort();
      try {
        await Promise.all([readJournal(end.signal).finally(abort), dispatcher.run(end.signal).finally(abort)]);
      } finally {
        stop.removeEventListener('abort', abort);
      }
    },
    async pass() {
      while (await journal.take());
      await dispatcher.pass(new AbortController().signal);
    },
    close: () => ways.close(),
  };
}

function toReceiver(config: AlertingConfig['receivers'][number]): Receiver {
  const { name, min_level: minLevel, send_resolved: sendResolved, max_per_minute: maxPerMinute } = config;
  return { name, minLevel, sendResolved, maxPerMinute, channels: config.channels.map(nameOf) };
}

interface Intake {
  /** Turns the next entries into notifications; false when there are none. */
  take(): Promise<boolean>;
  /** Adds notifications that do not come from the journal, without moving the mark. */
  addBeside(notifications: readonly Notification[]): Promise<void>;
}

function intakeOf(
  { journal, outbox, clock }: AlertingParts,
  receivers: readonly Receiver[],
  onMade: (made: readonly Notification[], entries: readonly SignalEntry[]) => void,
): Intake {
  // Additions wait for each other, since each carries the mark: an overtaken one would set it back.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  }
  return {
    take: () =>
      inTurn(async () => {
        const entries = journal.journal(outbox.mark(), journalRun);
        const end = entries.at(-1);
        if (!end) return false;
        const made = notificationsFor(entries, receivers, clock.now()).filter(({ id }) => !outbox.notification(id));
        await outbox.add(made, end.sequence);
        onMade(made, entries);
        return true;
      }),
    addBeside: (notifications) => inTurn(() => outbox.add(notifications, outbox.mark())),
  };
}

interface Lanes {
  laneOf(notification: Notification): Lane;
  close(): void;
}

function lanesOf(parts: AlertingParts, addBeside: Intake['addBeside']): Lanes {
  const { config, outbox, clock, log, metrics } = parts;
  const { fallback } = config;
  const shared: LaneParts = {
    outbox,
    clock,
    log,
    retryFor: config.retry_for,
    attempts: metrics.counter('alerting_attempts_total', 'Attempts to deliver, by outcome.', ['receiver', 'channel', 'outcome', 'reason']),
    delay: metrics.histogram('alerting_delivery_seconds', 'From the outbox to the receiver.', [0.1, 0.5, 1, 2, 5, 30, 120, 600, 3600]),
    onGivenUp: async (notification, reason) => {
      if (!fallback || notification.receiver === fallback.name) return;
      const now = clock.now();
      const instead = { receiver: notification.receiver, channel: notification.channel, reason };
      const made = fallback.channels.map((channel) => ({
        ...notificationOf(notification.signal, notification.occasion, { receiver: fallback.name, channel: nameOf(channel), now }),
        dueAt: now,
        instead,
      }));
      await addBeside(made);
    },
  };
  const channelParts: ChannelParts = { clock, log, baseUrl: linkBase(parts) };
  const open: Channel[] = [];
  const lanes = new Map<string, Lane>();
  const keyOf = (receiver: string, channel: string): string => `${receiver}\n${channel}`;
  function addLane(receiver: { name: string; max_per_minute: number }, channelConfig: ChannelConfig): void {
    const channel = connect(channelConfig, channelParts);
    open.push(channel);
    const name = nameOf(channelConfig);
    lanes.set(keyOf(receiver.name, name), new Lane(receiver.name, name, { channel, maxPerMinute: receiver.max_per_minute }, shared));
  }
  for (const receiver of fallback ? [...config.receivers, fallback] : config.receivers) {
    for (const channel of receiver.channels) addLane(receiver, channel);
  }
  return {
    laneOf({ receiver, channel }) {
      const key = keyOf(receiver, channel);
      const lane = lanes.get(key);
      if (lane) return lane;
      const orphaned = new Lane(receiver, channel, { channel: nobody, maxPerMinute: Infinity }, shared);
      lanes.set(key, orphaned);
      return orphaned;
    },
    close: () => open.forEach((channel) => channel.close?.()),
  };
}

/** Stands for a receiver or channel that was taken out of the configuration while something still waited for it. */
const nobody: Channel = {
  send: () => Promise.resolve({ outcome: 'rejected', reason: 'receiver_unknown' satisfies Reason }),
};

function linkBase({ config, address = 'http://127.0.0.1:7770' }: AlertingParts): string {
  return (config.base_url ?? address).replace(/\/+$/, '');
}
