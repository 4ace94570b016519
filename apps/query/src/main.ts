import { readEnvironment } from '#config';
import { runQuery } from './run-query.js';

const args = process.argv.slice(2).filter((argument) => argument !== 'query');
process.exit(await runQuery(args, readEnvironment()));
