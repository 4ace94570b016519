import type { ProcessPlan } from '#cluster';
import { AlertingTask } from './alerting-task.js';

/** Signals to people. */
export const alertingPlan: ProcessPlan = {
  name: 'alerting',
  stages: (_, { signals }) => [{ stage: 'alerting', topics: [signals] }],
  build: async (process) => ({
    tasks: [
      { stage: 'alerting', topics: [process.names.signals], open: (topic, partition) => AlertingTask.open(process, topic, partition) },
    ],
  }),
};
