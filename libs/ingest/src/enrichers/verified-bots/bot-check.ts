import type { Logger, Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';
import type { Enricher } from '../enricher.js';
import { answerKey, type BotAnswer, type BotAnswers } from './answers.js';
import type { VerifiedBotsConfig } from './config.js';
import { confirmByName, type Confirm } from './confirm.js';
import { VerifiedBots, type BotClaim } from './verified-bots.js';

export interface BotCheckParts {
  /** Those of the process, among which may be the one that asks. */
  readonly enrichers: readonly Enricher[];
  readonly config: VerifiedBotsConfig | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Looks up, beside the stream of events, whether those who call themselves crawlers are. */
export interface BotCheck {
  /** Looks up what was asked for since the last time. Never rejects. */
  tick(): Promise<void>;
  /** Ends what is being asked. */
  close(): void;
}

const perTick = 200;
const atOnce = 8;
const longestTick: Millis = 10_000;
/** Addresses remembered about which nobody answered. */
const mostSilent = 10_000;
/** Answers are in force from the next second on: when it was written, no record of that arrival can have been read. */
const lead: Millis = 1000;

/** Does nothing where no file of answers is configured. */
export function buildBotCheck({ enrichers, config, clock, logger, metrics }: BotCheckParts): BotCheck {
  const bots = enrichers.find((one) => one instanceof VerifiedBots);
  const answers = bots?.answers;
  if (!bots || !answers || !config) return { tick: () => Promise.resolve(), close: () => undefined };
  const confirm = confirmByName(config);
  const checks = new Checks({ config, answers, confirm, clock, metrics });
  let isBegun = false;
  return {
    async tick() {
      try {
        // Not by commands that only read.
        if (!isBegun) answers.rewrite();
        isBegun = true;
        answers.prune(clock.now());
        await checks.run(bots.take());
      } catch (error) {
        logger.error('What name servers said of crawlers cannot be written; it is asked again.', { error });
      }
    },
    close: () => {
      checks.closed = true;
      confirm.cancel();
    },
  };
}

interface ChecksParts extends Pick<BotCheckParts, 'clock' | 'metrics'> {
  readonly config: VerifiedBotsConfig;
  readonly answers: BotAnswers;
  readonly confirm: Confirm;
}

class Checks {
  closed = false;
  /** Until when an address is not asked about again. */
  readonly #silent = new Map<string, Millis>();
  readonly #asked;
  readonly #refused;
  readonly #kept;

  constructor(private readonly parts: ChecksParts) {
    const { metrics } = parts;
    this.#asked = metrics.counter('ingest_bot_checks_total', 'Look-ups of crawlers: verified, spoofed, or unanswered.', ['outcome']);
    this.#refused = metrics.counter(
      'ingest_bot_claims_refused_total',
      'Claims not looked up: too many wait, or too many answers are kept.',
      ['reason'],
    );
    this.#kept = metrics.gauge('ingest_bot_answers', 'Answers of name servers about crawlers that are kept.');
  }

  async run({ claims, turnedAway }: ReturnType<VerifiedBots['take']>): Promise<void> {
    const { answers, clock } = this.parts;
    const end = clock.now() + longestTick;
    const due = claims.filter((claim) => this.#isDue(claim));
    if (turnedAway + Math.max(0, due.length - perTick))
      this.#refused.add(turnedAway + Math.max(0, due.length - perTick), { reason: 'waiting' });
    const queue = due.slice(0, perTick).values();
    const found: BotAnswer[] = [];
    const worker = async (): Promise<void> => {
      for (const claim of queue) {
        if (this.closed || clock.now() > end) return;
        const answer = await this.#lookUp(claim);
        if (answer) found.push(answer);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    if (this.closed) return;
    this.#keep(found);
    this.#kept.set(answers.size);
  }

  async #lookUp({ ip, crawler }: BotClaim): Promise<BotAnswer | undefined> {
    const { confirm, clock, config } = this.parts;
    const verified = await confirm(ip, crawler.domains);
    if (this.closed) return undefined;
    this.#asked.add(1, { outcome: verified === undefined ? 'unanswered' : verified ? 'verified' : 'spoofed' });
    if (verified !== undefined)
      return { ip, crawler: crawler.name, verified, from: 0, until: verified ? config.keep : config.keep_spoofed };
    if (this.#silent.size >= mostSilent) this.#silent.delete(this.#silent.keys().next().value ?? '');
    this.#silent.set(answerKey(ip, crawler.name), clock.now() + config.retry);
    return undefined;
  }

  /** Answers do not make room for others, since records may be read again that were judged by them: when there is no room, new ones are not kept. */
  #keep(found: readonly BotAnswer[]): void {
    const { answers, clock, config } = this.parts;
    const from = clock.now() + lead;
    let room = config.max_addresses - answers.size;
    let roomForSpoofed = Math.ceil(config.max_addresses * 0.75) - answers.spoofed;
    const kept: BotAnswer[] = [];
    for (const answer of found) {
      if (room <= 0 || (!answer.verified && roomForSpoofed <= 0)) {
        this.#silent.set(answerKey(answer.ip, answer.crawler), clock.now() + config.retry);
        this.#refused.add(1, { reason: 'full' });
        continue;
      }
      room--;
      if (!answer.verified) roomForSpoofed--;
      kept.push({ ...answer, from, until: from + answer.until });
    }
    answers.learn(kept);
  }

  #isDue({ ip, crawler }: BotClaim): boolean {
    const key = answerKey(ip, crawler.name);
    const until = this.#silent.get(key);
    if (until === undefined) return true;
    if (until > this.parts.clock.now()) return false;
    this.#silent.delete(key);
    return true;
  }
}
