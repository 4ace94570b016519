import { channelOf, type ProcessPlan } from '#cluster';
import { FieldIndex } from '#ecs';
import { ChannelTask } from './channel-task.js';
import { ElasticDoor } from './elastic-door.js';
import { IndexTask } from './index-task.js';
import { readingParts } from './reading.js';
import { SignalIndexTask } from './signal-index-task.js';

const statuses = ['green', 'yellow', 'red'];

/** Records to events, and events, dead letters and signals to the store. */
export const ingestPlan: ProcessPlan = {
  name: 'ingest',
  stages: ({ sources }, { events, deadLetters, signals }) => [
    { stage: 'ingest', topics: sources.flatMap(({ topics }) => topics) },
    { stage: 'index', topics: [events, deadLetters, signals] },
  ],
  build: async (process) => {
    const { config, names, topics, clock, metrics } = process;
    const index = new FieldIndex();
    const door = new ElasticDoor(process, index);
    const sources = config.sources.flatMap((source) => source.topics);
    const channels = sources.flatMap((topic) => Array.from({ length: topics.partitions.get(topic)! }, (_, at) => channelOf(topic, at)));
    const shared = { process, index, reading: readingParts(config, clock), channels };
    const up = metrics.gauge('elastic_up', 'Whether Elasticsearch answers.');
    const status = metrics.gauge('elastic_status', 'State of the cluster: 0 green, 1 yellow, 2 red.');
    return {
      tasks: [
        { stage: 'ingest', topics: sources, open: (topic, partition) => ChannelTask.open(shared, topic, partition) },
        {
          stage: 'index',
          topics: [names.events, names.deadLetters, names.signals],
          open: (topic, partition) =>
            topic === names.signals ? SignalIndexTask.open(process, door, partition) : IndexTask.open(process, door, topic, partition),
        },
      ],
      health: async () => {
        const elasticsearch = await door.health();
        const state = statuses.indexOf(String(elasticsearch['cluster']));
        up.set(state >= 0 ? 1 : 0);
        if (state >= 0) status.set(state);
        return { elasticsearch };
      },
      close: () => door.close(),
    };
  },
};
