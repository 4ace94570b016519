import { accessAttacks } from './access.js';
import { loginAttacks } from './logins.js';
import { nearMisses } from './near-misses.js';
import type { Planner } from './plan.js';
import { probeAttacks } from './probes.js';

/** Everything that can be planted, in the order of planting. A new attack is a line in one of these lists. */
export const planners: readonly Planner[] = [...loginAttacks, ...accessAttacks, ...probeAttacks, ...nearMisses];
