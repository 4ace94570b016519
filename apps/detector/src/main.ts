import { runProcess } from '#cluster';
import { readEnvironment } from '#config';
import { detectorPlan } from './plan.js';

const args = process.argv.slice(2).filter((argument) => argument !== detectorPlan.name);
process.exit(await runProcess(detectorPlan, args, readEnvironment()));
