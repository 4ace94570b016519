import { z } from 'zod';
import { loadConfig, type ConfigResult, type Environment } from '#config';
import { elasticConfig } from '#elastic';
import { queryConfig } from '#query';

/** Of the others' parts of a common file: looked at by the processes that they are for. */
const ofOthers = z.unknown().optional();

/** What this process reads of the file of the distributed mode. A file of its own needs `elasticsearch` alone, and so holds no secret of the others. */
export const queryProcessConfig = z.strictObject({
  log_level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('Least severe level of Gatewatch’s own log.'),
  elasticsearch: elasticConfig,
  query: queryConfig.prefault({}),
  http: ofOthers,
  kafka: ofOthers,
  sources: ofOthers,
  ingest: ofOthers,
  detection: ofOthers,
  alerting: ofOthers,
});

export type QueryProcessConfig = z.output<typeof queryProcessConfig>;

/** Reads the configuration file and the environment. */
export function readQueryConfig(file: string, env: Environment): ConfigResult<QueryProcessConfig> {
  return loadConfig({ schema: queryProcessConfig, file, env });
}
