import { configuredRules, detectorSettings, type ProcessPlan } from '#cluster';
import { Router } from '#detection';
import { FieldIndex } from '#ecs';
import { MatchTask } from './match-task.js';
import { WindowsTask } from './windows-task.js';

/** Events to matches, and matches to signals. */
export const detectorPlan: ProcessPlan = {
  name: 'detector',
  stages: (_, { events, matches }) => [
    { stage: 'match', topics: [events] },
    { stage: 'windows', topics: [matches] },
  ],
  build: async (process) => {
    const { config, names, topics } = process;
    const index = new FieldIndex();
    const rules = configuredRules(config.detection, index);
    const settings = detectorSettings(config);
    const router = new Router({
      rules,
      index,
      partitions: topics.partitions.get(names.matches)!,
      ipv6Prefix: settings.ipv6Prefix,
    });
    return {
      tasks: [
        {
          stage: 'match',
          topics: [names.events],
          open: (topic, partition) => MatchTask.open({ process, index, rules, router }, topic, partition),
        },
        {
          stage: 'windows',
          topics: [names.matches],
          open: (topic, partition) => WindowsTask.open({ process, index, units: router.units, settings }, topic, partition),
        },
      ],
    };
  },
};
