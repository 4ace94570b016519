import { kafkaClient, Outlet, PartitionTasks, requireTopics, TopicRestorer, type ClusterTopics, type PartitionTask } from '#kafka';
import { createLogger, createMetrics, openProbe, type Logger, type RenderedMetrics } from '#telemetry';
import { systemClock, type Clock } from '#time';
import { formatProblems, type Environment } from '#config';
import { ServiceError } from '#telemetry';
import { readClusterConfig, type ClusterConfig } from './config.js';
import { taskGauges, type TaskFigures, type TaskGauges } from './task-gauges.js';
import { RuleShelf } from './rule-shelf.js';
import { controlTopics, eventTopics, topicNames, type Stage, type TopicNames } from './topic-names.js';

/** What every process of the distributed mode has. */
export interface ClusterProcess {
  readonly config: ClusterConfig;
  readonly names: TopicNames;
  readonly topics: ClusterTopics;
  readonly client: ReturnType<typeof kafkaClient>;
  readonly outlet: Outlet;
  readonly restorer: TopicRestorer;
  readonly shelf: RuleShelf;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RenderedMetrics;
  /** Where it tells how it is. */
  readonly address: string;
}

/** Tasks of one stage: a group of processes share out the partitions of these topics. */
export interface StageTasks {
  readonly stage: Stage;
  readonly topics: readonly string[];
  readonly open: (topic: string, partition: number) => Promise<PartitionTask>;
}

export interface ProcessPlan {
  /** Name of the process, for logs. */
  readonly name: string;
  /** Stages whose tasks run here, with the topics that they read. */
  readonly stages: (config: ClusterConfig, names: TopicNames) => readonly Pick<StageTasks, 'stage' | 'topics'>[];
  /** Builds the tasks; `close` gives back what they share. `health` adds to what is told. */
  readonly build: (process: ClusterProcess) => Promise<{
    readonly tasks: readonly StageTasks[];
    readonly close?: () => Promise<void>;
    readonly health?: () => Promise<Readonly<Record<string, unknown>>>;
  }>;
}

/** Runs one process of the distributed mode until it is told to stop. The arguments are `--config FILE`. Gives the exit code; everything is saved and closed then, but kafkajs may have lost sight of a connection when a broker came back, which would keep a process that does not exit by itself. */
export async function runProcess(plan: ProcessPlan, args: readonly string[], env: Environment): Promise<number> {
  const at = args.indexOf('--config');
  const file = at >= 0 ? args[at + 1] : 'gatewatch.yml';
  if (file === undefined || args.length > (at >= 0 ? 2 : 0)) return refuse(`usage: gatewatch ${plan.name} [--config FILE]`);
  const read = readClusterConfig(file, env);
  if (!read.ok) return refuse(formatProblems(read.problems));
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
    });
  try {
    await run(plan, read.value, stop.signal);
    return 0;
  } catch (error) {
    if (error instanceof ServiceError) return refuse(`gatewatch ${plan.name}: ${error.message} [${error.code}]`);
    throw error;
  }
}

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return 78;
}

async function run(plan: ProcessPlan, config: ClusterConfig, stop: AbortSignal): Promise<void> {
  const logger = createLogger({ level: config.log_level, pretty: process.stderr.isTTY });
  const metrics = createMetrics();
  const names = topicNames(config.kafka.prefix);
  const client = kafkaClient(config.kafka, logger);
  const wanted = plan.stages(config, names);
  const groups: [Stage, PartitionTasks][] = [];
  const told: Told = {};
  const gauges = taskGauges(metrics);
  // Before the topics are looked at: who waits for them says so.
  const probe = await openProbe({ ...config.http, metrics, look: () => look(groups, gauges, told) });
  const topics = await topicsFor(wanted, { config, names, client, logger, stop, waits: (reason) => (told.waits = reason) });
  if (!topics) return probe.close().finally(() => metrics.close());
  told.waits = undefined;
  const outlet = new Outlet(client, logger);
  await outlet.connect();
  const states = wanted.flatMap(({ stage, topics: read }) => read.map((topic) => names.state(stage, topic)));
  const restorer = new TopicRestorer(client, outlet, [...states, names.rules], `${config.kafka.prefix}-${plan.name}`);
  await restorer.start();
  const parts = {
    config,
    names,
    topics,
    client,
    outlet,
    restorer,
    shelf: new RuleShelf(outlet, restorer, names.rules),
    clock: systemClock,
    logger,
    metrics,
  };
  const built = await plan.build({ ...parts, address: probe.url });
  told.health = built.health;
  for (const stage of built.tasks) groups.push([stage.stage, tasksOf(stage, parts)]);
  logger.info('Gatewatch is up.', { process: plan.name, address: probe.url });
  process.stdout.write(`Gatewatch ${plan.name} is up: ${probe.url}/health\n`);
  try {
    const failed = new AbortController();
    stop.addEventListener('abort', () => failed.abort(), { once: true });
    // If one group ends in trouble, the others must not run on as if all were well.
    const runs = groups.map(([, tasks]) => tasks.run(failed.signal).finally(() => failed.abort()));
    const ends = await Promise.allSettled(runs);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    await probe.close();
    await built.close?.();
    await restorer.close();
    await outlet.close();
    metrics.close();
  }
}

function tasksOf(
  { stage, topics, open }: StageTasks,
  { config, client, clock, logger, metrics, topics: { partitions } }: Omit<ClusterProcess, 'address'>,
): PartitionTasks {
  const { prefix, timeout } = config.kafka;
  const checked: typeof open = async (topic, partition) => {
    const known = partitions.get(topic) ?? Infinity;
    if (partition >= known) throw grown(topic, known);
    return open(topic, partition);
  };
  return new PartitionTasks({ client, group: `${prefix}-${stage}`, topics, timeout, open: checked, clock, logger, metrics });
}

/** A partition that was made while the process runs: the others of its topic go on as they are. */
function grown(topic: string, known: number): ServiceError {
  const message = `Topic ${topic} has more partitions than the ${known} that it had when this process was started: start all processes again, which takes a source's new partition, or says what to do about another topic's.`;
  return new ServiceError('kafka_unfit', message, { retryable: true });
}

interface TopicsFor {
  readonly config: ClusterConfig;
  readonly names: TopicNames;
  readonly client: ReturnType<typeof kafkaClient>;
  readonly logger: Logger;
  readonly stop: AbortSignal;
  /** Is told why it waits. */
  readonly waits: (reason: string) => void;
}

/** Brokers that are away and topics that are not there yet are waited for: processes start in any order. */
async function topicsFor(
  wanted: readonly Pick<StageTasks, 'stage' | 'topics'>[],
  { config, names, client, logger, stop, waits }: TopicsFor,
): Promise<ClusterTopics | undefined> {
  const { partitions, replication } = config.kafka;
  const foreign = config.sources.flatMap(({ topics }) => topics);
  const streams = [...eventTopics(config.kafka, names), ...controlTopics(names)];
  while (!stop.aborted) {
    try {
      const known = await requireTopics({ client, topics: streams, foreign, replication, logger });
      const states = wanted.flatMap(({ stage, topics }) =>
        topics.map((topic) => ({
          name: names.state(stage, topic),
          partitions: known.partitions.get(topic) ?? partitions,
          keep: 'state' as const,
          // Other topics may grow: a partition more is a channel more.
          ...(!foreign.includes(topic) && { fixedBy: topic }),
        })),
      );
      const { partitions: more } = await requireTopics({ client, topics: states, foreign: [], replication, logger });
      return { ...known, partitions: new Map([...known.partitions, ...more]) };
    } catch (error) {
      waits((error as Error).message);
      logger.error('The topics are not as they must be; it is tried again.', { reason: (error as Error).message });
      await systemClock.sleep(3000, stop);
    }
  }
  return undefined;
}

/** What the health page shows beside the tasks. */
interface Told {
  health?: (() => Promise<Readonly<Record<string, unknown>>>) | undefined;
  /** Why the topics cannot be used. */
  waits?: string | undefined;
}

async function look(
  groups: readonly [Stage, PartitionTasks][],
  gauges: TaskGauges,
  { health, waits }: Told,
): Promise<{ ready: boolean; checks: Readonly<Record<string, unknown>> }> {
  const checks: Record<string, unknown> = waits === undefined ? {} : { topics: { trouble: waits } };
  let ready = groups.length > 0;
  const told: TaskFigures[] = [];
  for (const [stage, tasks] of groups) {
    const { open, opening } = tasks.tasks;
    const facts = tasks.facts();
    const { trouble } = tasks;
    if (tasks.joined === undefined || opening > 0 || trouble !== undefined || facts.some(({ problem }) => problem)) ready = false;
    checks[stage] = { joined: tasks.joined !== undefined, open, opening, ...(trouble !== undefined && { trouble }), tasks: facts };
    told.push({ stage, open, opening, facts });
  }
  gauges(told);
  return { ready, checks: { ...checks, ...(health && (await health())) } };
}
