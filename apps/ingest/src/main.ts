import { runProcess } from '#cluster';
import { readEnvironment } from '#config';
import { ingestPlan } from './plan.js';

const args = process.argv.slice(2).filter((argument) => argument !== ingestPlan.name);
process.exit(await runProcess(ingestPlan, args, readEnvironment()));
