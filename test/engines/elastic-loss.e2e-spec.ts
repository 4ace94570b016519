import { afterAll, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { Event } from '#ecs';
import { ServiceError } from '#telemetry';
import { startElasticsearch } from '../../tools/engines/elasticsearch.js';
import { enginesOrSkip } from '../../tools/engines/ready.js';
import { counted, openTestEngine } from './elastic-engine.js';

// A node of its own: it is killed. One that the environment names is not ours to kill.
const elasticsearch = process.env['ELASTICSEARCH_URL'] ? undefined : await enginesOrSkip(() => startElasticsearch({ brief: true }));
afterAll(() => elasticsearch?.stop());

const all = 20_000;
const piece = 500;

describe.skipIf(!elasticsearch)('the loss of Elasticsearch', () => {
  const node = elasticsearch!;

  it('stores every event once although the node is killed under load and comes back', async () => {
    const engine = await openTestEngine(node.url, { bulk: { size: '256KiB', retry_for: '1s' }, request_timeout: '5s' });
    const sink = await engine.events({ name: 'events-0' });
    const troubles = new Set<string>();
    let mostWaiting = 0;
    let failures = 0;
    const fold = async (): Promise<void> => {
      while (sink.mark() < all) {
        // Four pieces under way, as the index task has it; after trouble it begins again at the mark.
        const from = sink.mark();
        const pieces = [0, 1, 2, 3].map((step) => from + step * piece).filter((start) => start < all);
        const settled = await Promise.allSettled(pieces.map((start) => sink.append(stretch(start, Math.min(all, start + piece)))));
        mostWaiting = Math.max(mostWaiting, sink.waiting());
        const failed = settled.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
        for (const reason of failed) {
          expect(reason).toBeInstanceOf(ServiceError);
          expect(reason).toMatchObject({ retryable: true });
          troubles.add((reason as ServiceError).code);
        }
        if (failed.length) {
          failures++;
          await sleep(200);
        }
      }
    };
    const folding = fold();
    for (const at of [all / 4, all / 2]) {
      while (sink.mark() < at) await sleep(5);
      await node.kill();
      expect((await engine.health()).cluster).toBe('unreachable');
      await sleep(2500);
      await node.start();
    }
    await folding;
    expect(failures).toBeGreaterThan(0);
    expect([...troubles]).toContain('elastic_unreachable');
    expect(mostWaiting).toBeLessThanOrEqual(4 * piece);
    expect(await counted(node.url, engine)).toEqual({ events: all, deadLetters: 0 });
    expect(await engine.balance()).toEqual({ web: { stored: all, deadLettered: 0, duplicate: 0, blank: 0 } });
    await engine.close();
  });
});

function stretch(from: number, to: number) {
  const events = Array.from({ length: to - from }, (_, at) => eventAt(from + at));
  return { from, to, events, deadLetters: [], duplicates: [], blank: {} };
}

function eventAt(offset: number): Event {
  const event = new Event(offset, 2000, 'web', { tag: 'abcdefghijkl', position: offset });
  event.time = event.stamp = Date.UTC(2026, 10, 1) + offset;
  return event;
}
