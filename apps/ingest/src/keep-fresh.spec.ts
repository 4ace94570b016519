import { expect, it } from 'vitest';
import type { BotCheck, Enricher, FeedPuller } from '#ingest';
import { silentLogger } from '#telemetry';
import { FakeClock } from '#testkit';
import { keepFresh } from './keep-fresh.js';

it('pulls feeds and verifies crawlers every ten seconds and looks at files every minute, until it is closed', async () => {
  const clock = new FakeClock();
  const done: string[] = [];
  const feeds: FeedPuller = {
    name: 'feeds',
    tick: async () => void done.push('pull'),
    close: () => void done.push('close'),
    status: () => ({}),
  };
  const bots: BotCheck = { tick: async () => void done.push('verify'), close: () => undefined };
  const enricher: Enricher = { name: 'a', fields: [], enrich: () => undefined, refresh: () => void done.push('refresh') };
  const fresh = keepFresh({ enrichers: [enricher], feeds, bots, clock, logger: silentLogger });
  for (let turn = 0; turn < 6; turn++) {
    await clock.advance(10_000);
    await new Promise(setImmediate);
  }
  expect(done).toEqual([...Array.from({ length: 6 }, () => ['pull', 'verify']).flat(), 'refresh']);
  await fresh.close();
  await clock.advance(60_000);
  expect(done.slice(13)).toEqual(['close']);
});
