import { afterAll, describe, expect, it } from 'vitest';
import { eventSinkContract } from '../../libs/ingest/src/event-sink.contract.js';
import { eventStoreContract } from '../../libs/query/src/event-store.contract.js';
import { elasticsearchOrSkip } from '../../tools/engines/ready.js';
import { elasticsearchVersions } from '../../tools/engines/elasticsearch.js';
import { counted, freshNamespace, openTestEngine, removeNamespace, stretchOf } from './elastic-engine.js';

/** Both ends of what is supported; where the environment names a cluster, that one. */
const versions = process.env['ELASTICSEARCH_URL'] ? [undefined] : Object.values(elasticsearchVersions);

for (const version of versions) {
  const elasticsearch = await elasticsearchOrSkip({ version });
  afterAll(() => elasticsearch?.stop());

  describe.skipIf(!elasticsearch)(`on Elasticsearch ${version ?? '(newest)'}`, () => {
    const { url } = elasticsearch ?? { url: '' };

    eventStoreContract(async () => {
      const engine = await openTestEngine(url);
      const sink = await engine.events({ name: 'events-0' });
      const signals = await engine.signals('signals-0');
      return {
        store: Object.assign(engine.store, {
          signalMark: () => signals.signalMark(),
          putSignals: signals.putSignals.bind(signals),
        }),
        put: (events, deadLetters = []) => sink.append(stretchOf(sink.mark(), events, deadLetters)),
        close: async () => {
          await removeNamespace(url, engine);
          await engine.close();
        },
      };
    });

    eventSinkContract(async () => {
      const namespace = freshNamespace();
      let engine = await openTestEngine(url, { namespace });
      return {
        sink: await engine.events({ name: 'events-0' }),
        reopen: async () => {
          await engine.close();
          engine = await openTestEngine(url, { namespace });
          return engine.events({ name: 'events-0' });
        },
        stored: () => counted(url, engine),
        close: async () => {
          await removeNamespace(url, engine);
          await engine.close();
        },
      };
    });

    it('says how the cluster is', async () => {
      const engine = await openTestEngine(url);
      expect(await engine.health()).toEqual({ cluster: expect.stringMatching(/green|yellow/) as string, inFlight: 0, waiting: 0 });
      await engine.close();
    });
  });
}
