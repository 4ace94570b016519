import { runProcess } from '#cluster';
import { readEnvironment } from '#config';
import { alertingPlan } from './plan.js';

const args = process.argv.slice(2).filter((argument) => argument !== alertingPlan.name);
process.exit(await runProcess(alertingPlan, args, readEnvironment()));
