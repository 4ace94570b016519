import { scanAgainstFail2ban } from './1-scan-fail2ban.js';
import { freshKeys } from './16-fresh-keys.js';
import { manyRulesAgainstRsigma } from './4-many-rules-rsigma.js';
import { manyRulesCost } from './5-many-rules.js';
import { twoWorkers } from './10-two-workers.js';
import { idleKeys } from './11-idle-keys.js';
import { scanMemory } from './12-scan-memory.js';
import { liveLatency } from './13-live-latency.js';
import { liveKafka } from './14-live-kafka.js';
import { plantedTruth } from './15-planted-truth.js';
import { restoreTask } from './17-restore.js';
import { formatCosts } from './20-formats.js';
import { everythingOn } from './21-everything-on.js';
import { matchAgainstRsigma } from './3-match-rsigma.js';
import { detectorAgainstStreams } from './6-detector-streams.js';
import { indexTask } from './7-index.js';
import { wholePipeline } from './8-pipeline.js';
import { followAndStore } from './9-follow-and-store.js';
import type { Goal } from './goal.js';

/** Every goal that can be measured; a new one is a file and a line here. */
export const goals: readonly Goal[] = [
  scanAgainstFail2ban,
  matchAgainstRsigma,
  manyRulesAgainstRsigma,
  manyRulesCost,
  detectorAgainstStreams,
  indexTask,
  wholePipeline,
  followAndStore,
  twoWorkers,
  idleKeys,
  scanMemory,
  liveLatency,
  liveKafka,
  plantedTruth,
  freshKeys,
  restoreTask,
  formatCosts,
  everythingOn,
];
