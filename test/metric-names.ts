import { readFileSync } from 'node:fs';
import { createMetrics } from '#telemetry';
import { filesBelow, root } from './files.js';

export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

/** Metrics of the processes of the distributed mode that are not registered in this tree yet. What is found in the code counts instead. */
const announced: Readonly<Record<string, Metric>> = {
  gatewatch_kafka_lag_records: { kind: 'gauge', labels: ['task', 'topic', 'partition'] },
  gatewatch_task_watermark_seconds: { kind: 'gauge', labels: ['task'] },
  gatewatch_task_clock_seconds: { kind: 'gauge', labels: ['task'] },
  gatewatch_tasks: { kind: 'gauge', labels: ['task', 'state'] },
  gatewatch_elastic_bulk_queue_bytes: { kind: 'gauge', labels: [] },
  gatewatch_elastic_up: { kind: 'gauge', labels: [] },
  gatewatch_elastic_status: { kind: 'gauge', labels: [] },
};

const registration =
  /\.(counter|gauge|histogram)\(\s*'(\w+)',\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`),?\s*(?:\[([^\]]*)\])?(?:,\s*\[([^\]]*)\])?/g;

/** Metrics that a source text registers, with the prefix that they are rendered with. */
export function metricsIn(source: string): [string, Metric][] {
  return [...source.matchAll(registration)].map(([, kind, name, first, second]) => [
    `gatewatch_${name}`,
    {
      kind: kind as Metric['kind'],
      // A histogram's buckets come before its labels.
      labels: [...((kind === 'histogram' ? second : first) ?? '').matchAll(/'(\w+)'/g)].map(([, label]) => label!),
    },
  ]);
}

/** Every metric that Prometheus can get from Gatewatch, by the name of its series. */
export async function knownMetrics(): Promise<ReadonlyMap<string, Metric>> {
  const sources = ['apps', 'libs'].flatMap((folder) => filesBelow(folder, '.ts')).filter((file) => !file.endsWith('.spec.ts'));
  const registered = sources.flatMap((file) => metricsIn(readFileSync(root + file, 'utf8')));
  const ofProcess = [...(await createMetrics().render()).matchAll(/^# TYPE (\w+) (counter|gauge|histogram)$/gm)].map(
    ([, name, kind]): [string, Metric] => [name!, { kind: kind as Metric['kind'], labels: ['kind', 'version'] }],
  );
  const up: [string, Metric] = ['up', { kind: 'gauge', labels: [] }];
  const all = [up, ...ofProcess, ...Object.entries(announced), ...registered];
  return new Map(
    all.flatMap(([name, metric]): [string, Metric][] =>
      metric.kind === 'histogram'
        ? [
            [`${name}_bucket`, { kind: 'counter', labels: [...metric.labels, 'le'] }],
            [`${name}_sum`, { kind: 'counter', labels: metric.labels }],
            [`${name}_count`, { kind: 'counter', labels: metric.labels }],
          ]
        : [[name, metric]],
    ),
  );
}
