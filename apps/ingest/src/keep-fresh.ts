import type { BotCheck, Enricher, FeedPuller } from '#ingest';
import type { Logger } from '#telemetry';
import type { Clock, Millis } from '#time';

export interface FreshParts {
  readonly enrichers: readonly Enricher[];
  readonly feeds: FeedPuller;
  readonly bots: BotCheck;
  readonly clock: Clock;
  readonly logger: Logger;
}

const pullEvery: Millis = 10_000;
const pullsPerRefresh = 6;

/** Pulls feeds, verifies crawlers, and reads databases, feeds and lists again when they have changed: between two batches, since a batch is read in one go. */
export function keepFresh({ enrichers, feeds, bots, clock, logger }: FreshParts): { close(): Promise<void> } {
  const stop = new AbortController();
  const run = async (): Promise<void> => {
    for (let turn = 1; !stop.signal.aborted; turn++) {
      await clock.sleep(pullEvery, stop.signal);
      if (stop.signal.aborted) return;
      try {
        await feeds.tick();
        await bots.tick();
        if (turn % pullsPerRefresh === 0) for (const enricher of enrichers) enricher.refresh?.();
      } catch (error) {
        logger.error('Databases, feeds and lists were not looked at; it is tried again.', { error });
      }
    }
  };
  const running = run();
  return {
    close: () => {
      stop.abort();
      feeds.close();
      bots.close();
      return running;
    },
  };
}
