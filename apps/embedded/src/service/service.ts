import { buildAlerting } from '#alerting';
import { version } from '#config';
import type { RuleSet } from '#detection';
import type { FieldIndex } from '#ecs';
import { createHttp, Health, KeyRing, type Http, type NewKey } from '#http';
import type { SourceSettings } from '#ingest';
import { openLocalEngine, type LocalEngine } from '#local';
import { createMetrics, type Logger } from '#telemetry';
import type { Clock } from '#time';
import type { EmbeddedConfig } from '../config.js';
import { EmbeddedModule } from '../embedded.module.js';
import { httpSettings } from '../http/config.js';
import type { DoorParts } from '../http/parts.js';
import { countRules } from '../rules/load-rule-set.js';
import { openInput } from '../input/blocks.js';
import { followFiles, stdinPath, type FollowTarget } from '../sources/follow.js';
import { readStdin, type StdinParts } from '../sources/stdin.js';
import { readKafka } from '../sources/kafka.js';
import { SyslogSource } from '../sources/syslog/syslog.js';
import { buildPipeline, type Pipeline } from './build-pipeline.js';
import { checks } from './checks.js';
import { housekeeping } from './housekeeping.js';
import { pipelineMetrics } from './pipeline-metrics.js';
import { RuleWatcher } from './rule-watcher.js';
import { runStages, type Loop } from './stages.js';
import { stateMetrics } from './state-metrics.js';
import { indexSignals } from './signal-indexer.js';

export interface ServiceParts {
  readonly config: EmbeddedConfig;
  readonly sources: ReadonlyMap<string, SourceSettings>;
  readonly follow: readonly FollowTarget[];
  readonly rules: RuleSet;
  /** The index that the rules were compiled with. */
  readonly index: FieldIndex;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The embedded process, wired and ready to run. */
export interface Service {
  readonly engine: LocalEngine;
  readonly pipeline: Pipeline;
  /** Keys made at the first start, when it listens: shown once. */
  readonly firstKeys: readonly NewKey[];
  /** Begins to listen; gives the address. What is accepted before `run` waits in the log. */
  listen(): Promise<string>;
  /** Where it listens for syslog, once it does: source and places. */
  readonly syslog: readonly { readonly source: string; readonly places: readonly string[] }[];
  /** Gives everything back without having run. */
  close(): Promise<void>;
  /** Rules are read again at once. */
  reloadRules(): void;
  /** Runs until `stop` is aborted, then ends in order: doors, batch in hand, checkpoint, store. Rejects when a part fails for good. */
  run(stop: AbortSignal, address: string): Promise<void>;
}

const tickEvery = 1000;
/** Followed files wait while more than this many records wait for the fold. */
const followLag = 200_000;

/** @throws ServiceError naming what is wrong with the data directory or the settings. */
export async function openService(parts: ServiceParts): Promise<Service> {
  const { config, logger, index, clock } = parts;
  const memoryLimit = `${Math.round(config.store.memory_limit / 2 ** 20)}MB`;
  const engine = await openLocalEngine({ dir: config.data_dir, logger, settings: { memoryLimit }, index });
  try {
    const { ring } = KeyRing.open({ directory: config.data_dir, clock });
    let made: NewKey[] = [];
    const metrics = createMetrics();
    const pipeline = buildPipeline({ ...parts, engine, metrics });
    const watcher = new RuleWatcher({ paths: config.detection.rules, clock, logger, reload: () => pipeline.reloadRules() });
    const room = roomOf(engine, pipeline, clock);
    const syslog = config.sources.flatMap(({ name, syslog: listeners }) =>
      listeners ? [new SyslogSource({ source: name, config: listeners }, { log: engine.log, clock, logger, metrics, room })] : [],
    );
    const wired: Wired = { engine, pipeline, watcher, metrics, syslog, room };
    const http = await openHttp(parts, { ...wired, keys: ring });
    const places: { source: string; places: string[] }[] = [];
    return {
      engine,
      pipeline,
      get firstKeys() {
        return made;
      },
      syslog: places,
      listen: async () => {
        for (const each of syslog) places.push({ source: each.source, places: await each.listen() });
        const address = await http.listen(config.http.host, config.http.port);
        // Only now: a start that fails would make keys that nobody gets to see.
        made = ring.makeFirst();
        return address;
      },
      reloadRules: () => watcher.ask(),
      close: async () => {
        await Promise.all(syslog.map((each) => each.close()));
        metrics.close();
        await engine.close();
      },
      run: (stop, address) => run({ ...parts, address }, { ...wired, http, keys: ring }, stop),
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

interface Wired {
  readonly engine: LocalEngine;
  readonly pipeline: Pipeline;
  readonly watcher: RuleWatcher;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly syslog: readonly SyslogSource[];
  /** Resolves when the fold is no longer far behind. */
  readonly room: () => Promise<void>;
}

function roomOf({ log }: LocalEngine, { fold }: Pipeline, clock: Clock): () => Promise<void> {
  return async () => {
    while (log.end() - fold.position > followLag) await clock.sleep(20);
  };
}

function openHttp(
  { config, sources, clock, logger }: ServiceParts,
  { engine, pipeline, keys, watcher, metrics, syslog }: Wired & { keys: KeyRing },
): Promise<Http> {
  const { fold, indexer, enrichers, feeds, bots, formats } = pipeline;
  const found = checks({
    engine,
    fold,
    indexer,
    rules: watcher,
    ruleCount: () => countRules(pipeline.rules()),
    enrichers: [...enrichers, feeds],
    formats,
    syslog,
    dataDir: config.data_dir,
    clock,
  });
  const pipelineFigures = pipelineMetrics({ engine, pipeline, metrics });
  const state = stateMetrics({ engine, fold, health: new Health(found, clock), dataDir: config.data_dir, clock, metrics });
  const { keep_events: keepEvents, keep_signals: keepSignals, keep_log: keepLog } = config.store;
  const parts: DoorParts = {
    log: engine.log,
    events: engine.events,
    outbox: engine.outbox,
    keys,
    sources: [...sources.keys()],
    coverage: (query) => fold.detector.coverage(query),
    lag: () => engine.log.end() - fold.position,
    checks: found,
    metrics,
    renderMetrics: () => Promise.all([pipelineFigures(), state()]).then(() => metrics.render()),
    clock,
    logger,
    settings: httpSettings(config.http),
    schedules: housekeeping({ engine, fold, clock, keepEvents, keepSignals, keepLog, enrichers, feeds, bots }),
    version: version(),
  };
  return createHttp(EmbeddedModule.with(parts), parts);
}

/** The loops of the service in the order in which they end: doors first, then the fold, then what follows from it. */
function stagesOf(parts: ServiceParts & { address: string }, { engine, pipeline, watcher, metrics, syslog, room }: Wired): Loop[][] {
  const { config, clock, logger, follow: targets, address } = parts;
  const { log, tasks, outbox, events: sink } = engine;
  const { fold, indexer } = pipeline;
  const alerting = buildAlerting({ config: config.alerting, address, journal: tasks, outbox, clock, log: logger, metrics });
  const files = followFiles({ targets: targets.filter(({ path }) => path !== stdinPath), log, clock, logger, metrics, room });
  const fromStdin = targets
    .filter(({ path }) => path === stdinPath)
    .map(
      ({ source }): Loop =>
        (signal) =>
          fromPipe({ source, log, clock, logger, room, signal }),
    );
  const topics = config.sources.flatMap(({ name, kafka }) => (kafka ? [{ source: name, config: kafka }] : []));
  const fromKafka = topics.map(
    (target): Loop =>
      (stop) =>
        readKafka({ target, log, clock, logger, metrics, room }, stop),
  );
  const fromSyslog = syslog.map(
    (each): Loop =>
      (stop) =>
        each.run(stop),
  );
  return [
    [
      (stop) => files.run(stop),
      ...fromStdin,
      ...fromKafka,
      ...fromSyslog,
      (stop) => tick(parts, engine, stop),
      (stop) => watcher.run(stop),
    ],
    [(stop) => fold.run(stop)],
    [
      (stop) => indexer.run(stop),
      (stop) => indexSignals({ tasks, sink, clock, logger }, stop),
      (stop) => alerting.run(stop).finally(() => alerting.close()),
    ],
  ];
}

/** A pipe that ends does not end the service: what came is still to be told and asked for. */
async function fromPipe(parts: Omit<StdinParts, 'blocks'>): Promise<void> {
  const records = await readStdin({ ...parts, blocks: openInput(stdinPath).blocks() });
  if (!parts.signal.aborted) parts.logger.info('Standard input has ended.', { source: parts.source, records });
}

async function run(
  parts: ServiceParts & { address: string },
  wired: Wired & { http: Http; keys: KeyRing },
  stop: AbortSignal,
): Promise<void> {
  const { engine, http, metrics, keys, pipeline } = wired;
  try {
    await runStages(stagesOf(parts, wired), stop, () => {
      pipeline.feeds.close();
      pipeline.bots.close();
      return http.close();
    });
  } finally {
    keys.close();
    metrics.close();
    await engine.close();
  }
}

/** The wall clock enters through the log, once a second. */
async function tick({ clock, logger }: ServiceParts, { log }: LocalEngine, signal: AbortSignal): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    await clock.sleep(tickEvery, signal);
    if (signal.aborted) return;
    try {
      await log.tick(clock.now());
      failing = false;
    } catch (error) {
      if (!failing)
        logger.warn('The log takes nothing now, not even the time; episodes do not close meanwhile.', { reason: (error as Error).message });
      failing = true;
    }
  }
}
