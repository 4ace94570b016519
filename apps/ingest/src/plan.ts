import { channelOf, type ProcessPlan } from '#cluster';
import { FieldIndex } from '#ecs';
import { buildBotCheck, buildFeedPuller } from '#ingest';
import { ChannelTask } from './channel-task.js';
import { CoverageIndexTask } from './coverage-index-task.js';
import { ElasticDoor } from './elastic-door.js';
import { IndexTask } from './index-task.js';
import { ingestCounters } from './ingest-counters.js';
import { keepFresh } from './keep-fresh.js';
import { readingParts } from './reading.js';
import { SignalIndexTask } from './signal-index-task.js';

const statuses = ['green', 'yellow', 'red'];

/** Records to events, and events, dead letters and signals to the store. */
export const ingestPlan: ProcessPlan = {
  name: 'ingest',
  stages: ({ sources }, { events, deadLetters, signals, coverage }) => [
    { stage: 'ingest', topics: sources.flatMap(({ topics }) => topics) },
    { stage: 'index', topics: [events, deadLetters, signals, coverage] },
  ],
  build: async (process) => {
    const { config, names, topics, clock, logger, metrics } = process;
    const index = new FieldIndex();
    const door = new ElasticDoor(process, index);
    const sources = config.sources.flatMap((source) => source.topics);
    const channels = sources.flatMap((topic) => Array.from({ length: topics.partitions.get(topic)! }, (_, at) => channelOf(topic, at)));
    const reading = readingParts(config, clock);
    const shared = { process, index, reading, channels, counters: ingestCounters(metrics) };
    const feeds = buildFeedPuller({ feeds: config.ingest.feeds, clock, logger, metrics });
    const bots = buildBotCheck({ enrichers: reading.enrichers, config: config.ingest.verified_bots, clock, logger, metrics });
    const fresh = keepFresh({ enrichers: reading.enrichers, feeds, bots, clock, logger });
    const up = metrics.gauge('elastic_up', 'Whether Elasticsearch answers.');
    const status = metrics.gauge('elastic_status', 'State of the cluster: 0 green, 1 yellow, 2 red.');
    return {
      tasks: [
        { stage: 'ingest', topics: sources, open: (topic, partition) => ChannelTask.open(shared, topic, partition) },
        {
          stage: 'index',
          topics: [names.events, names.deadLetters, names.signals, names.coverage],
          open: (topic, partition) => {
            if (topic === names.signals) return SignalIndexTask.open(process, door, partition);
            if (topic === names.coverage) return CoverageIndexTask.open(process, door, partition);
            return IndexTask.open(process, door, topic, partition);
          },
        },
      ],
      health: async () => {
        const elasticsearch = await door.health();
        const state = statuses.indexOf(String(elasticsearch['cluster']));
        up.set(state >= 0 ? 1 : 0);
        if (state >= 0) status.set(state);
        const enrichment = [...reading.enrichers, feeds].flatMap(({ name, status }) => (status ? [[name, status()] as const] : []));
        return { elasticsearch, enrichment: Object.fromEntries(enrichment) };
      },
      close: async () => {
        await fresh.close();
        await door.close();
      },
    };
  },
};
