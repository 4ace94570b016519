import { clusterProvenance, detectorSettings, ruleTexts, watchSettings, type ProcessPlan } from '#cluster';
import { FieldIndex } from '#ecs';
import { MatchTask } from './match-task.js';
import { RuleSets } from './rule-sets.js';
import { watchRules } from './rules-watch.js';
import { WindowsTask } from './windows-task.js';

/** Events to matches, and matches to signals. */
export const detectorPlan: ProcessPlan = {
  name: 'detector',
  stages: (_, { events, matches }) => [
    { stage: 'match', topics: [events] },
    { stage: 'windows', topics: [matches] },
  ],
  build: async (process) => {
    const { config, names, topics, shelf, logger } = process;
    const index = new FieldIndex();
    const settings = detectorSettings(config);
    const silence = watchSettings(config);
    const provenance = clusterProvenance(config);
    await shelf.read();
    const partitions = topics.partitions.get(names.matches)!;
    const texts = ruleTexts(config.detection);
    const sets = await RuleSets.open({ shelf, index, partitions, ipv6Prefix: settings.ipv6Prefix, logger }, texts);
    const watch = watchRules(process, { sets, texts });
    return {
      tasks: [
        {
          stage: 'match',
          topics: [names.events],
          open: (topic, partition) => MatchTask.open({ process, index, sets, settings }, topic, partition),
        },
        {
          stage: 'windows',
          topics: [names.matches],
          open: (topic, partition) => WindowsTask.open({ process, index, sets, settings, watch: silence, provenance }, topic, partition),
        },
      ],
      health: () => Promise.resolve({ rules: watch.facts() }),
      close: () => watch.close(),
    };
  },
};
