import { runProcess } from '#cluster';
import { readEnvironment } from '#config';
import { detectorPlan } from './plan.js';

const args = process.argv.slice(2).filter((argument) => argument !== detectorPlan.name);
process.exitCode = await runProcess(detectorPlan, args, readEnvironment());
