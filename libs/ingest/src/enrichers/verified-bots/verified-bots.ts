import { slot, type Event, type FieldName } from '#ecs';
import { BoundedCache } from '../../bounded-cache.js';
import { WatchedFile } from '../../files/watched-file.js';
import type { PrefixTable } from '../../networks/prefix-table.js';
import { AGENT, IP } from '../../slots.js';
import type { Enricher, EnricherStatus } from '../enricher.js';
import { networkClass } from '../network/network.js';
import { answerKey, BotAnswers } from './answers.js';
import type { VerifiedBotsConfig } from './config.js';
import { claimedCrawler, crawlersOf, type Crawler } from './crawlers.js';
import { readRanges } from './ranges.js';

const CRAWLER = slot['gatewatch.source.crawler'];
const VERDICT = slot['gatewatch.source.crawler_verdict'];
/** Longer agents are cut: a crawler names itself before that. */
const maxAgent = 512;

/** An address that claims to be a crawler. */
export interface BotClaim {
  readonly ip: string;
  readonly crawler: Crawler;
}

type Verdict = 'verified' | 'spoofed' | 'unknown';

/** Claims waiting to be looked up; what is above comes again with the next call. */
const mostWaiting = 2000;

/**
 * Whether who calls himself a crawler is one: by its published networks, else by answers that were learned before the record arrived. Nothing is
 * looked up here, and an answer holds by the arrival in the log: a record read again finds what it found.
 */
export class VerifiedBots implements Enricher {
  readonly name = 'verified-bots';
  readonly fields: readonly FieldName[] = ['gatewatch.source.crawler', 'gatewatch.source.crawler_verdict'];
  readonly answers: BotAnswers | undefined;
  readonly #crawlers: readonly Crawler[];
  readonly #ranges = new Map<string, WatchedFile<PrefixTable>>();
  readonly #claimed = new BoundedCache<Crawler | false>(4096);
  #waiting = new Map<string, BotClaim>();
  #turnedAway = 0;

  /** @throws ServiceError `enrichment_unreadable` when a file of networks cannot be used. */
  constructor({ answers, crawlers }: Pick<VerifiedBotsConfig, 'answers' | 'crawlers'>) {
    this.#crawlers = crawlersOf(crawlers);
    this.answers = answers === undefined ? undefined : new BotAnswers(answers);
    for (const { name, ranges } of this.#crawlers)
      if (ranges !== undefined) this.#ranges.set(name, new WatchedFile(ranges, (bytes) => readRanges(bytes.toString('utf8'))));
  }

  // Properties, not methods: enrichers are taken apart by those who call them.
  readonly enrich = ({ values, arrival }: Event): void => {
    const agent = values[AGENT];
    if (typeof agent !== 'string') return;
    const crawler = this.#claimOf(agent);
    const ip = values[IP];
    if (crawler === false || typeof ip !== 'string') return;
    values[CRAWLER] ??= crawler.name;
    values[VERDICT] ??= this.#verdict(ip, crawler, arrival);
  };

  /** Claims to look up; they are forgotten here, and come again. */
  take(): { readonly claims: readonly BotClaim[]; readonly turnedAway: number } {
    const taken = { claims: [...this.#waiting.values()], turnedAway: this.#turnedAway };
    this.#waiting = new Map();
    this.#turnedAway = 0;
    return taken;
  }

  readonly refresh = (): void => {
    for (const file of this.#ranges.values()) file.refresh();
  };

  readonly status = (): EnricherStatus => {
    const warning = [...this.#ranges.values()].find(({ problem }) => problem !== undefined)?.problem;
    return warning === undefined ? {} : { warning };
  };

  readonly version = (): string | undefined => {
    const versions = [...this.#ranges].map(([name, { version }]) => `${name} ${version}`);
    return versions.length ? versions.join(', ') : undefined;
  };

  #claimOf(agent: string): Crawler | false {
    const text = agent.length > maxAgent ? agent.slice(0, maxAgent) : agent;
    let crawler = this.#claimed.get(text);
    if (crawler === undefined) this.#claimed.set(text, (crawler = claimedCrawler(text, this.#crawlers) ?? false));
    return crawler;
  }

  #verdict(ip: string, crawler: Crawler, arrival: number): Verdict {
    const ranges = this.#ranges.get(crawler.name);
    if (ranges && ranges.content.find(ip) >= 0) return 'verified';
    if (crawler.domains.length === 0) return ranges ? 'spoofed' : 'unknown';
    // Of what is inside only the operator knows, who would not call it a crawler.
    if (!this.answers || networkClass(ip) !== 'public') return 'unknown';
    const key = answerKey(ip, crawler.name);
    const answer = this.answers.at(key, arrival);
    // Asked again in the last quarter of its time, so that one answer follows the other.
    if (!answer || arrival > answer.until - (answer.until - answer.from) / 4) this.#ask(key, { ip, crawler });
    return answer ? (answer.verified ? 'verified' : 'spoofed') : 'unknown';
  }

  #ask(key: string, claim: BotClaim): void {
    if (this.#waiting.has(key)) return;
    if (this.#waiting.size < mostWaiting) this.#waiting.set(key, claim);
    else this.#turnedAway++;
  }
}
