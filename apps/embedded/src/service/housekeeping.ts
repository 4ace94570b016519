import type { Schedule } from '#http';
import type { BotCheck, Enricher, FeedPuller } from '#ingest';
import type { LocalEngine } from '#local';
import { isTick } from '#stream';
import type { Clock, Millis } from '#time';
import type { Fold } from '../pipeline/fold.js';

export interface HousekeepingParts {
  readonly engine: LocalEngine;
  readonly fold: Fold;
  readonly clock: Clock;
  readonly keepEvents: Millis;
  readonly keepSignals: Millis;
  readonly keepLog: Millis;
  readonly enrichers: readonly Enricher[];
  readonly feeds: FeedPuller;
  readonly bots: BotCheck;
}

const entriesPerTrim = 200;

/** The work done now and then: retention, compaction, trimming of what everybody has read. */
export function housekeeping({
  engine,
  fold,
  clock,
  keepEvents,
  keepSignals,
  keepLog,
  enrichers,
  feeds,
  bots,
}: HousekeepingParts): Schedule[] {
  const { log, tasks, outbox, events } = engine;
  return [
    { name: 'trim-log', every: 60_000, run: () => trimLog() },
    { name: 'pull-feeds', every: 10_000, run: () => feeds.tick() },
    { name: 'verify-bots', every: 2000, run: () => bots.tick() },
    { name: 'refresh-enrichment', every: 60_000, run: () => refreshEnrichment() },
    { name: 'compact-events', cron: '*/10 * * * *', run: async () => void (await events.maintain(clock.now())) },
    { name: 'retain-events', cron: '17 3 * * *', run: () => events.retain(clock.now() - keepEvents) },
    { name: 'prune-outbox', cron: '27 3 * * *', run: () => outbox.prune(clock.now() - keepSignals) },
    { name: 'trim-journal', every: 300_000, run: () => tasks.trimJournal(Math.min(outbox.mark(), events.signalMark())) },
  ];

  /** Databases, feeds and lists that have changed are read again, between two batches of the fold. */
  function refreshEnrichment(): Promise<void> {
    for (const enricher of enrichers) enricher.refresh?.();
    return Promise.resolve();
  }

  /** Forgets records that are old enough and of which everything was made: neither a restart nor a store that catches up needs them. */
  async function trimLog(): Promise<void> {
    const needed = Math.min(fold.checkpoint.position, events.mark());
    const old = clock.now() - keepLog;
    let upTo = log.start();
    for (let i = 0; i < entriesPerTrim && upTo < needed; i++) {
      const entry = log.read(upTo, 1)[0];
      if (!entry || (isTick(entry) ? entry.tick : entry.arrival) > old) break;
      const end = isTick(entry) ? entry.offset + 1 : entry.offset + entry.count;
      if (end > needed) break;
      upTo = end;
    }
    if (upTo > log.start()) await log.trim(upTo);
  }
}
