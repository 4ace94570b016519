import type { RecordLog } from '#stream';
import type { Logger, Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';
import type { SyslogConfig } from './config.js';
import { Intake } from './intake.js';
import type { Listening } from './listening.js';
import { Tally, type SyslogFacts } from './tally.js';
import { listenTcp } from './tcp.js';
import { listenUdp } from './udp.js';

/** Listeners and the source that their messages belong to. */
export interface SyslogTarget {
  readonly source: string;
  readonly config: SyslogConfig;
}

export interface SyslogParts {
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Resolves when the pipeline has room for more. */
  readonly room: () => Promise<void>;
}

const lookAgainAfter: Millis = 5000;

/** Takes syslog messages over UDP, TCP and TLS into the log. */
export class SyslogSource {
  readonly #parts: SyslogParts;
  readonly #config: SyslogConfig;
  readonly #intake: Intake;
  readonly #tally: Tally;
  #listening: Listening[] = [];

  constructor({ source, config }: SyslogTarget, parts: SyslogParts) {
    this.#parts = parts;
    this.#config = config;
    this.#tally = new Tally(source, parts.metrics, parts.clock);
    this.#intake = new Intake({ ...parts, source });
  }

  get source(): string {
    return this.#tally.source;
  }

  /** Begins to listen; gives the places, as `udp 127.0.0.1:5514`. What comes before `run` waits. @throws ServiceError, after closing what was open already. */
  async listen(): Promise<string[]> {
    const parts = { intake: this.#intake, tally: this.#tally, logger: this.#parts.logger, clock: this.#parts.clock };
    const { udp, tcp, tls } = this.#config;
    try {
      if (udp) this.#listening.push(await listenUdp(udp, parts));
      if (tcp) this.#listening.push(await listenTcp(tcp, parts));
      if (tls) this.#listening.push(await listenTcp(tls, parts));
    } catch (error) {
      await this.close();
      throw error;
    }
    return this.#listening.map(({ transport, address }) => `${transport} ${address}`);
  }

  /** Until the signal is aborted; then the doors are closed, and what came through them is appended. */
  async run(signal: AbortSignal): Promise<void> {
    const { logger } = this.#parts;
    try {
      await Promise.all([this.#intake.run(signal), this.#look(signal)]);
    } finally {
      await this.close();
    }
    const lost = await this.#intake.flush();
    this.#tally.dropped(this.#listening[0]?.transport ?? 'tcp', 'stopped', lost);
    this.#tally.tell(logger);
  }

  async close(): Promise<void> {
    await Promise.all(this.#listening.map((each) => each.close()));
    this.#listening = [];
  }

  facts(): SyslogFacts {
    return this.#tally.facts();
  }

  async #look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#parts.clock.sleep(lookAgainAfter, signal);
      for (const each of this.#listening) each.look();
      this.#tally.tell(this.#parts.logger);
    }
  }
}
