import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noMetrics, silentLogger } from '#telemetry';
import { FakeClock } from '#testkit';
import { Cluster } from '../cluster.js';
import { elasticConfig } from '../config.js';
import { BulkBody } from './bulk-body.js';
import { Bulk } from './bulk.js';

type Reply = { readonly status?: number; readonly body: unknown } | 'hang up';

/** What a busy, a full or a broken cluster answers cannot be had from a sound one, so this stands in for it. */
describe('bulk requests', () => {
  let server: Server;
  let cluster: Cluster;
  let clock: FakeClock;
  let replies: ((ids: readonly string[]) => Reply)[];
  let asked: string[][];
  let closing: AbortController;

  beforeEach(async () => {
    [replies, asked, clock, closing] = [[], [], new FakeClock(), new AbortController()];
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const lines = Buffer.concat(parts).toString().split('\n');
        const ids = lines.flatMap((line) =>
          line.startsWith('{"create"') ? [(JSON.parse(line) as { create: { _id: string } }).create._id] : [],
        );
        asked.push(ids);
        const reply = (replies.shift() ?? written)(ids);
        if (reply === 'hang up') return void request.socket.destroy();
        const headers = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/vnd.elasticsearch+json;compatible-with=8' };
        response.writeHead(reply.status ?? 200, headers).end(JSON.stringify(reply.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    cluster = new Cluster(elasticConfig.parse({ nodes: [address] }));
  });
  afterEach(async () => {
    await cluster.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const send = (ids: readonly string[]) => {
    const parts = { cluster, clock, logger: silentLogger, metrics: noMetrics, inFlight: 2, retryFor: 30_000, closing: closing.signal };
    const body = new BulkBody(10);
    for (const id of ids) body.create(id, `{"id":"${id}"}`);
    return patient(new Bulk(parts).send({ path: '/s/_bulk', stream: true }, () => body));
  };
  /** Moves the clock on whenever somebody sleeps. */
  const patient = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const end = (): void => void (over = true);
    void work.then(end, end);
    for (; !isOver(); await new Promise((resolve) => setImmediate(resolve))) if (clock.sleeping) await clock.advance(10_000);
    return work;
    function isOver(): boolean {
      return over;
    }
  };

  it('sends again what the cluster could not take now, and only that', async () => {
    replies = [(ids) => answer(ids.map((id) => (id === 'b' ? 429 : id === 'c' ? 503 : 201))), (ids) => answer(ids.map(() => 201))];
    const { present, refused } = await send(['a', 'b', 'c', 'd']);
    expect(asked).toEqual([
      ['a', 'b', 'c', 'd'],
      ['b', 'c'],
    ]);
    expect([present, refused]).toEqual([[], []]);
  });

  it('tells what is there already and what can never be taken, by place', async () => {
    replies = [(ids) => answer(ids.map((id) => ({ a: 429, c: 400, d: 409 })[id] ?? 201)), () => answer([409])];
    const { present, refused } = await send(['a', 'b', 'c', 'd']);
    expect(present.map(({ at }) => at)).toEqual([3, 0]);
    expect(refused).toEqual([{ at: 2, index: 'i', reason: 'type_400: reason 400' }]);
  });

  it('sends everything again after a hang-up and after an answer without items', async () => {
    replies = [() => 'hang up', () => ({ status: 429, body: { error: 'busy' } }), () => ({ status: 503, body: 'proxy' })];
    await send(['a', 'b']);
    expect(asked).toEqual(Array.from({ length: 4 }, () => ['a', 'b']));
  });

  it('cuts a request that is too large, down to the one document that is', async () => {
    const most = (ids: readonly string[]): Reply => (ids.includes('c') ? { status: 413, body: '' } : written(ids));
    replies = Array.from({ length: 9 }, () => most);
    const { refused } = await send(['a', 'b', 'c', 'd']);
    expect(refused.map(({ at }) => at)).toEqual([2]);
    expect(asked.at(-1)).toEqual(['d']);
  });

  it('gives up after its time, with an error that may be tried again', async () => {
    replies = Array.from({ length: 99 }, () => () => 'hang up');
    await expect(send(['a'])).rejects.toMatchObject({ code: 'elastic_unreachable', retryable: true });
    expect(asked.length).toBeGreaterThan(2);
  });

  it('does not wait when the process is about to end', async () => {
    replies = [() => 'hang up'];
    closing.abort();
    await expect(send(['a'])).rejects.toMatchObject({ retryable: true });
    expect(asked).toHaveLength(1);
  });

  it.each([
    [401, 'elastic_refused'],
    [403, 'elastic_refused'],
    [404, 'elastic_setup'],
  ])('gives up no document for what concerns all of them: item status %i', async (status, code) => {
    replies = [(ids) => answer(ids.map(() => status))];
    await expect(send(['a'])).rejects.toMatchObject({ code, retryable: false });
  });
});

function written(ids: readonly string[]): Reply {
  return { body: { errors: false, items: ids.map(() => ({ create: { status: 201 } })) } };
}

function answer(statuses: readonly number[]): Reply {
  const items = statuses.map((status) => {
    const error = status < 300 ? {} : { error: { type: `type_${status}`, reason: `reason ${status}`, index: 'i' } };
    return { create: { status, ...error } };
  });
  return { body: { errors: statuses.some((status) => status >= 300), items } };
}
