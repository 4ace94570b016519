import { formatProblems, version, type Environment } from '#config';
import { FieldIndex } from '#ecs';
import { openElasticStore } from '#elastic';
import { createHttp, KeyRing } from '#http';
import { createLogger, createMetrics, ServiceError } from '#telemetry';
import { systemClock } from '#time';
import { checks } from './checks.js';
import { readQueryConfig, type QueryProcessConfig } from './config.js';
import { QueryModule } from './query.module.js';

/** Runs the process until it is told to stop. The arguments are `--config FILE`. Gives the exit code. It talks to Elasticsearch alone: to no broker, and to no other process. */
export async function runQuery(args: readonly string[], env: Environment): Promise<number> {
  const at = args.indexOf('--config');
  const file = at >= 0 ? args[at + 1] : 'gatewatch.yml';
  if (file === undefined || args.length > (at >= 0 ? 2 : 0)) return refuse('usage: gatewatch query [--config FILE]');
  const read = readQueryConfig(file, env);
  if (!read.ok) return refuse(formatProblems(read.problems));
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
    });
  try {
    await answer(read.value, stop.signal);
    return 0;
  } catch (error) {
    if (error instanceof ServiceError) return refuse(`gatewatch query: ${error.message} [${error.code}]`);
    throw error;
  }
}

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return 78;
}

async function answer({ log_level: level, elasticsearch, query }: QueryProcessConfig, stop: AbortSignal): Promise<void> {
  const logger = createLogger({ level, pretty: process.stderr.isTTY });
  const metrics = createMetrics();
  const keys = KeyRing.ofFile(query.keys_file, systemClock);
  const reader = openElasticStore({ settings: elasticsearch, clock: systemClock, index: new FieldIndex() });
  try {
    const parts: Parameters<typeof QueryModule.with>[0] = {
      events: reader.store,
      coverage: () => reader.coverage(),
      keys,
      checks: checks(reader, keys, query.keys_file),
      metrics,
      renderMetrics: () => metrics.render(),
      clock: systemClock,
      logger,
      settings: { allowPublic: query.allow_public, maxConnections: query.max_connections, maxSweeps: query.max_sweeps },
      version: version(),
    };
    const http = await createHttp(QueryModule.with(parts), parts);
    const address = await http.listen(query.host, query.port);
    logger.info('Gatewatch is up.', { process: 'query', address });
    process.stdout.write(`Gatewatch query is up: ${address}  (documentation: ${address}/docs)\n`);
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      else stop.addEventListener('abort', () => resolve(), { once: true });
    });
    await http.close();
  } finally {
    metrics.close();
    await reader.close();
  }
}
