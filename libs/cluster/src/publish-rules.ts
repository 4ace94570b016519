import { countRules, type RuleProblem } from '#detection';
import { FieldIndex } from '#ecs';
import { kafkaClient, Outlet, requireTopics, TopicRestorer } from '#kafka';
import type { Logger } from '#telemetry';
import { systemClock } from '#time';
import type { ClusterConfig } from './config.js';
import { compileTexts, rulesNotice, ruleTexts, type RuleRef, type RuleTexts } from './rule-set.js';
import { RuleShelf } from './rule-shelf.js';
import { controlTopics, eventTopics, topicNames } from './topic-names.js';

export interface Publication {
  readonly problems: readonly RuleProblem[];
  /** Undefined where there are problems. */
  readonly ref?: RuleRef;
  /** False where these rules were in force already. */
  readonly fresh: boolean;
  readonly rules: number;
}

export interface PublishParts {
  readonly shelf: RuleShelf;
  readonly outlet: Pick<Outlet, 'send'>;
  /** Topic of events, and how many partitions it has. */
  readonly events: string;
  readonly partitions: number;
  readonly now: number;
}

/**
 * Puts rules in force: first the texts, then a notice in each partition of `events`, which is where the match stage goes over to them. Rules with problems are refused as a
 * whole. Rules that are in force already are noticed again, which mends a publication that was cut off, and changes nothing else.
 */
export async function publishTexts(texts: RuleTexts, { shelf, outlet, events, partitions, now }: PublishParts): Promise<Publication> {
  const { rules, problems } = compileTexts(texts, new FieldIndex());
  if (problems.length) return { problems, fresh: false, rules: 0 };
  await shelf.read();
  const before = shelf.newest;
  const fresh = before?.hash !== texts.hash;
  const ref = fresh ? { epoch: Math.max(now, (before?.epoch ?? 0) + 1), hash: texts.hash } : before;
  if (fresh) await shelf.put(texts, ref.epoch);
  await outlet.send(
    noticesOf(
      ref,
      events,
      Array.from({ length: partitions }, (_, at) => at),
    ),
  );
  return { problems, ref, fresh, rules: countRules(rules) };
}

/** Messages for partitions of `events`: from each of them on, these rules hold in its partition. */
export function noticesOf(ref: RuleRef, topic: string, partitions: readonly number[]): Parameters<Outlet['send']>[0] {
  return partitions.map((partition) => ({ topic, partition, key: 'rules', value: Buffer.alloc(0), headers: rulesNotice(ref) }));
}

/** Puts the rules in force that a configuration names, from outside of the processes. @throws ServiceError as `requireTopics` does. */
export async function publishRules(config: ClusterConfig, logger: Logger): Promise<Publication> {
  const names = topicNames(config.kafka.prefix);
  const client = kafkaClient(config.kafka, logger);
  const topics = [...eventTopics(config.kafka, names).slice(0, 1), ...controlTopics(names)];
  const known = await requireTopics({ client, topics, foreign: [], replication: config.kafka.replication, logger });
  const outlet = new Outlet(client, logger);
  await outlet.connect();
  const restorer = new TopicRestorer(client, outlet, [names.rules], `${config.kafka.prefix}-publish`);
  try {
    await restorer.start();
    const shelf = new RuleShelf(outlet, restorer, names.rules);
    const partitions = known.partitions.get(names.events)!;
    return await publishTexts(ruleTexts(config.detection), { shelf, outlet, events: names.events, partitions, now: systemClock.now() });
  } finally {
    await restorer.close();
    await outlet.close();
  }
}
