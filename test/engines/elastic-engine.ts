import { elasticConfig, openElastic, type ElasticEngine } from '#elastic';
import { FieldIndex, type DeadLetter, type Event } from '#ecs';
import { noMetrics, silentLogger } from '#telemetry';
import { systemClock } from '#time';

let made = 0;

/** A connection to a namespace of its own, so that tests do not see each other's documents. */
export function openTestEngine(
  url: string,
  over: Readonly<Record<string, unknown>> = {},
  index = new FieldIndex(),
): Promise<ElasticEngine> {
  const settings = elasticConfig.parse({ nodes: [url], namespace: freshNamespace(), bulk: { retry_for: '2s' }, ...over });
  return openElastic({ settings, clock: systemClock, logger: silentLogger, metrics: noMetrics, index });
}

export function freshNamespace(): string {
  return `t${process.pid}_${made++}`;
}

/** Removes what a test left, so that a node with a small heap does not carry every shard to the end. */
export async function removeNamespace(url: string, { names }: ElasticEngine): Promise<void> {
  const resolved = (await (
    await fetch(`${url}/_resolve/index/${names.events},${names.deadLetters},${names.signals}-*,${names.marks}`)
  ).json()) as {
    data_streams?: { backing_indices: string[] }[];
    indices?: { name: string }[];
  };
  const marks = (resolved.indices ?? []).map(({ name }) => name).filter((name) => !name.startsWith('.ds-'));
  for (const index of marks) await fetch(`${url}/${index}`, { method: 'DELETE' });
}

/** How many events and dead letters are stored, as the cluster itself counts them. */
export async function counted(url: string, engine: ElasticEngine): Promise<{ events: number; deadLetters: number }> {
  await engine.refresh();
  const count = async (stream: string): Promise<number> => {
    await fetch(`${url}/${stream}/_refresh`, { method: 'POST' });
    const answer = await fetch(`${url}/${stream}/_count`);
    return answer.status === 404 ? 0 : ((await answer.json()) as { count: number }).count;
  };
  return { events: await count(engine.names.events), deadLetters: await count(engine.names.deadLetters) };
}

/** Appends events and dead letters as one stretch, at the offsets they have, which may leave gaps and come in any order. */
export function stretchOf(mark: number, events: readonly Event[], deadLetters: readonly DeadLetter[]) {
  const to = Math.max(mark, ...[...events, ...deadLetters].map(({ offset }) => offset)) + 1;
  return { from: mark, to, events, deadLetters, duplicates: [], blank: {} };
}
