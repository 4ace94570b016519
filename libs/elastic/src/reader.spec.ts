import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '#testkit';
import { elasticConfig } from './config.js';
import { openElasticStore, type ElasticReader } from './reader.js';

type Answered = readonly [status: number, body: object];

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const empty: Answered = [200, { hits: { hits: [] } }];
const refused: Answered = [403, { error: { type: 'security_exception', reason: 'action is unauthorized' } }];
const busy: Answered = [503, { error: { type: 'search_phase_execution_exception', reason: 'all shards failed' } }];

/** A reader of a server that answers as it is told to. */
async function reading(answer: (asked: string) => Answered): Promise<{ reader: ElasticReader; asked: string[]; clock: FakeClock }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      asked.push(`${request.method} ${request.url!.split('?')[0]}`);
      const [status, body] = answer(asked.at(-1)!);
      const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch', connection: 'close' };
      response.writeHead(status, headers).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const clock = new FakeClock();
  const reader = openElasticStore({ settings: elasticConfig.parse({ nodes: [`http://127.0.0.1:${port}`] }), clock });
  ends.push(
    () => reader.close(),
    () => void server.close(),
  );
  return { reader, asked, clock };
}

/** Lets time pass until there is an answer. */
async function passing<T>(clock: FakeClock, answer: Promise<T>): Promise<T> {
  let settled = false;
  const end = answer.finally(() => (settled = true));
  end.catch(() => undefined);
  while (!settled) {
    if (clock.sleeping > 0) await clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return end;
}

describe('reading from Elasticsearch', () => {
  it('begins with nothing asked and nothing put, and searches and no more', async () => {
    const { reader, asked } = await reading(() => empty);
    expect(asked).toEqual([]);
    expect(await reader.store.searchEvents({ limit: 5 })).toEqual({ found: [] });
    expect(await reader.store.eventsOf([{ offset: 5, time: 0 }])).toEqual([]);
    expect(asked).toEqual(['POST /logs-gatewatch.events-default/_search']);
  });

  it('asks again for a moment while a shard is away, and then says that it cannot answer now', async () => {
    let away = 2;
    const { reader, asked, clock } = await reading(() => (away-- > 0 ? busy : empty));
    expect(await passing(clock, reader.store.signal('s'))).toBeUndefined();
    expect(asked).toHaveLength(3);
    away = 100;
    await expect(passing(clock, reader.store.signal('s'))).rejects.toMatchObject({ code: 'elastic_busy', retryable: true });
    expect(asked.length).toBeLessThan(10);
  });

  it('tells how the cluster is where it may ask, and else whether searches are answered', async () => {
    const health = async (answer: (asked: string) => Answered) => (await reading(answer)).reader.health();
    const named = (asked: string): boolean => asked.includes('/_cluster/health');
    expect(await health((asked) => (named(asked) ? [200, { status: 'yellow' }] : empty))).toEqual({ answers: true, cluster: 'yellow' });
    expect(await health((asked) => (named(asked) ? refused : empty))).toEqual({ answers: true });
    expect(await health(() => refused)).toEqual({ answers: false, reason: expect.stringContaining('unauthorized') as string });
  });
});
