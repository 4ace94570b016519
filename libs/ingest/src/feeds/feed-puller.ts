import { statSync, utimesSync } from 'node:fs';
import type { Logger, Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';
import type { EnricherStatus } from '../enrichers/enricher.js';
import type { FeedConfig, PullConfig } from '../enrichers/threat-feeds/config.js';
import { readState, writeState, writeWhole } from './feed-files.js';
import { PullError, type Get } from './fetch.js';
import type { Pulled } from './pull.js';
import { pullList } from './pull-list.js';
import { pullTaxii } from './pull-taxii.js';

export interface FeedPullerParts {
  readonly feeds: readonly FeedConfig[];
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Brings feeds from elsewhere into the files that the enricher watches. */
export interface FeedPuller {
  readonly name: string;
  /** Pulls what is due, one feed after the other. Never rejects: what goes wrong is told, and tried again. */
  tick(): Promise<void>;
  /** Ends what is being pulled. */
  close(): void;
  /** Warns of feeds that have not been pulled for long. */
  status(): EnricherStatus;
}

const timeout: Millis = 120_000;
const firstWait: Millis = 60_000;
const longestWait: Millis = 24 * 3_600_000;
const day: Millis = 86_400_000;

interface Pulling {
  readonly feed: FeedConfig;
  readonly pull: PullConfig;
  /** The place, as the state names it. */
  readonly of: string;
  next: Millis;
  /** When it last went well. */
  last: Millis | undefined;
  failures: number;
  problem: string | undefined;
}

/** A puller of the feeds that have `pull`. */
export function buildFeedPuller({ feeds, clock, logger, metrics }: FeedPullerParts): FeedPuller {
  const pulls = metrics.counter('ingest_feed_pulls_total', 'Pulls of threat feeds by outcome: changed, unchanged, or why not.', [
    'feed',
    'outcome',
  ]);
  const pulled = metrics.gauge('ingest_feed_pulled_seconds', 'When a feed was last pulled, in seconds since the epoch.', ['feed']);
  const stop = new AbortController();
  const all = feeds.flatMap((feed) => (feed.pull ? [pullingOf(feed, feed.pull)] : []));

  async function run(one: Pulling): Promise<void> {
    const { name } = one.feed;
    try {
      const { changed } = await pullOne(one, clock, stop.signal);
      one.last = clock.now();
      one.next = one.last + one.pull.every;
      one.failures = 0;
      one.problem = undefined;
      pulls.add(1, { feed: name, outcome: changed ? 'changed' : 'unchanged' });
      pulled.set(one.last / 1000, { feed: name });
    } catch (error) {
      if (stop.signal.aborted) return;
      const failure = error instanceof PullError ? error : new PullError('disk', `it cannot be written: ${(error as Error).message}`);
      one.next = clock.now() + waitAfter(one, failure);
      one.problem = failure.message;
      pulls.add(1, { feed: name, outcome: failure.reason });
      logger.warn('A threat feed was not pulled; what was pulled before stays in force.', {
        feed: name,
        reason: failure.reason,
        detail: failure.message,
        nextAt: new Date(one.next).toISOString(),
      });
    }
  }

  return {
    name: 'feed-pull',
    async tick() {
      for (const one of all) if (clock.now() >= one.next && !stop.signal.aborted) await run(one);
    },
    close: () => stop.abort(),
    status: () => statusOf(all, clock.now()),
  };
}

/** Twice as long after each failure, not longer than the feed's own interval; as long as the server asks, up to a day. */
function waitAfter(one: Pulling, { after }: PullError): Millis {
  const wait = Math.min(firstWait * 2 ** one.failures, one.pull.every);
  one.failures = Math.min(one.failures + 1, 30);
  return Math.min(Math.max(wait, after ?? 0), longestWait);
}

function pullingOf(feed: FeedConfig, pull: PullConfig): Pulling {
  const of = JSON.stringify([pull.url, pull.collection]);
  const state = readState(feed.file, of);
  return { feed, pull, of, next: state ? state.at + pull.every : 0, last: state?.at, failures: 0, problem: undefined };
}

async function pullOne({ feed, pull, of, last }: Pulling, clock: Pick<Clock, 'now'>, stop: AbortSignal): Promise<Pulled> {
  // Without its file nothing that is remembered is of use.
  const state = exists(feed.file) ? readState(feed.file, of) : undefined;
  const url = new URL(pull.url);
  const request = { url, get: { ...accessOf(pull), stop, timeout, now: () => clock.now() } };
  const pulled =
    pull.collection === undefined
      ? await pullList(feed, request, state)
      : await pullTaxii({ root: url, id: pull.collection, file: feed.file, keep: feed.expires }, request, state);
  const now = clock.now();
  if (pulled.changed) writeWhole(feed.file, pulled.pieces);
  else confirm(feed, now);
  writeState(feed.file, { ...pulled.state, of, at: pulled.failure ? (last ?? 0) : now });
  if (pulled.failure) throw pulled.failure;
  return pulled;
}

/** Entries hold for some time after the file was written: one that is unchanged and still published goes on holding. Not at each pull, since it is read again then. */
function confirm({ file, expires }: FeedConfig, now: Millis): void {
  if (now - statSync(file).mtimeMs < Math.min(day, expires / 4)) return;
  utimesSync(file, now / 1000, now / 1000);
}

function accessOf({
  user,
  password,
  token,
  max_size: maxBytes,
  insecure,
}: PullConfig): Pick<Get, 'authorization' | 'maxBytes' | 'insecure'> {
  const basic = password && `Basic ${Buffer.from(`${user ?? ''}:${password.reveal()}`).toString('base64')}`;
  return { authorization: token ? `Bearer ${token.reveal()}` : basic, maxBytes, insecure };
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function statusOf(all: readonly Pulling[], now: Millis): EnricherStatus {
  const texts = all.flatMap(({ feed: { name }, pull: { every }, last, problem }) => {
    const reason = problem === undefined ? '' : `: ${problem}`;
    if (last === undefined) return problem === undefined ? [] : [`The feed "${name}" was never pulled${reason}.`];
    const late = now - last > 2 * every + firstWait;
    return late ? [`The feed "${name}" was last pulled ${new Date(last).toISOString()}${reason}.`] : [];
  });
  return texts.length ? { warning: texts.join(' ') } : {};
}
