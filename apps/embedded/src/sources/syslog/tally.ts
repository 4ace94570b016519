import type { Counter, Logger, Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';

export type Transport = 'udp' | 'tcp' | 'tls';

/**
 * Why messages were not taken. `queue`: the log was behind and UDP cannot wait; `kernel`: the socket's buffer was full; `memory`: unfinished messages of all connections
 * together were too large; `sender`: not in `allow`; `stopped`: the log took nothing when the service ended.
 */
export type DropReason = 'queue' | 'kernel' | 'memory' | 'sender' | 'stopped';
/** Why connections were not taken or were ended from here. `framing`: a length was expected and not found. */
export type RefusalReason = 'too_many' | 'sender' | 'tls' | 'idle' | 'framing';

/** What a source's listeners did, for metrics, the service's own log and its health. */
export interface SyslogFacts {
  readonly received: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly cut: number;
  readonly unfinished: number;
  readonly connections: number;
  readonly lastDrop: Millis | undefined;
}

/** Counts of one source. */
export class Tally {
  readonly #metrics: ReturnType<typeof countersOf>;
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  readonly #refused: Partial<Record<RefusalReason, number>> = {};
  #untold: Partial<Record<DropReason, number>> = {};
  #received = 0;
  #cut = 0;
  #unfinished = 0;
  #lastDrop: Millis | undefined;
  connections = 0;

  constructor(
    readonly source: string,
    metrics: Metrics,
    private readonly clock: Clock,
  ) {
    this.#metrics = countersOf(metrics);
  }

  received(transport: Transport, count: number): void {
    this.#received += count;
    this.#metrics.records.add(count, { source: this.source, transport });
  }

  dropped(transport: Transport, reason: DropReason, count: number): void {
    if (count === 0) return;
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count;
    this.#untold[reason] = (this.#untold[reason] ?? 0) + count;
    this.#lastDrop = this.clock.now();
    this.#metrics.dropped.add(count, { source: this.source, transport, reason });
  }

  refused(transport: Transport, reason: RefusalReason): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
    this.#metrics.refused.add(1, { source: this.source, transport, reason });
  }

  damaged(transport: Transport, how: 'cut' | 'unfinished', count: number): void {
    if (count === 0) return;
    if (how === 'cut') this.#cut += count;
    else this.#unfinished += count;
    this.#metrics.damaged.add(count, { source: this.source, transport, how });
  }

  /** Says once what was dropped since the last time. */
  tell(logger: Logger): void {
    const dropped = Object.entries(this.#untold);
    this.#untold = {};
    for (const [reason, count] of dropped) logger.warn('Syslog messages were dropped.', { source: this.source, reason, count });
  }

  facts(): SyslogFacts {
    return {
      received: this.#received,
      dropped: { ...this.#dropped },
      refused: { ...this.#refused },
      cut: this.#cut,
      unfinished: this.#unfinished,
      connections: this.connections,
      lastDrop: this.#lastDrop,
    };
  }
}

function countersOf(metrics: Metrics): { records: Counter; dropped: Counter; refused: Counter; damaged: Counter } {
  return {
    records: metrics.counter('syslog_read_records_total', 'Syslog messages taken.', ['source', 'transport']),
    dropped: metrics.counter('syslog_dropped_messages_total', 'Syslog messages that were lost here, by reason.', [
      'source',
      'transport',
      'reason',
    ]),
    refused: metrics.counter('syslog_refused_connections_total', 'Syslog connections refused or ended from here, by reason.', [
      'source',
      'transport',
      'reason',
    ]),
    damaged: metrics.counter(
      'syslog_damaged_messages_total',
      'Syslog messages kept in part: above the bound, or ended by the connection.',
      ['source', 'transport', 'how'],
    ),
  };
}
