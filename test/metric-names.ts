import { readFileSync } from 'node:fs';
import { createMetrics } from '#telemetry';
import { filesBelow, root } from './files.js';

export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

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
  const all = [up, ...ofProcess, ...registered];
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
