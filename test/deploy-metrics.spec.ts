import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from './files.js';
import { knownMetrics, metricsIn } from './metric-names.js';
import { parsePromql } from './promql.js';

const text = (path: string): string => readFileSync(root + path, 'utf8');

const alertRules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string().min(1),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Gatewatch[A-Z]\w+$/),
          expr: z.string().min(1),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string().min(10), description: z.string().min(20), runbook: z.string().min(40) }),
        }),
      ),
    }),
  ),
});

const place = z.strictObject({ h: z.int().min(1), w: z.int().min(1).max(24), x: z.int().min(0), y: z.int().min(0) });
const panel = z.object({
  id: z.int(),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(3),
  description: z.string().optional(),
  gridPos: place,
  targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).default([]),
});
const dashboard = z.object({
  uid: z.literal('gatewatch'),
  title: z.literal('Gatewatch'),
  schemaVersion: z.int().min(36),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string(), definition: z.string().optional() })) }),
  panels: z.array(panel),
});

const { rules } = alertRules.parse(parse(text('deploy/prometheus/gatewatch.rules.yml'))).groups[0]!;
const board = dashboard.parse(JSON.parse(text('deploy/grafana/gatewatch.json')));
const shown = board.panels.flatMap(({ title, targets }) => targets.map(({ expr, legendFormat }) => ({ at: title, expr, legendFormat })));
const asked = [...rules.map(({ alert, expr }) => ({ at: alert, expr })), ...shown];
const known = await knownMetrics();
/** What Prometheus adds to every series. */
const targetLabels = ['instance', 'job'];

describe('what dashboard and alerts ask Prometheus', () => {
  it.each(asked)('is PromQL over metrics and labels that there are: $at', ({ expr }) => {
    const { selectors, groupings } = parsePromql(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, labels } of selectors) {
      expect([...known.keys()]).toContain(metric);
      expect([...targetLabels, ...known.get(metric)!.labels]).toEqual(expect.arrayContaining([...labels]));
    }
    for (const { by, selectors: inner } of groupings)
      for (const { metric } of inner)
        expect([...targetLabels, ...(known.get(metric)?.labels ?? [])]).toEqual(expect.arrayContaining([...by]));
  });

  it.each(asked)('takes rates of what rises and differences of what swings: $at', ({ expr }) => {
    for (const { metric, over } of parsePromql(expr).selectors) {
      // A gauge that is set to a count kept elsewhere rises as a counter does, and is named as one.
      const rises = known.get(metric)!.kind === 'counter' || metric.endsWith('_total');
      if (over === 'rate' || over === 'increase') expect(rises, `${over}(${metric})`).toBe(true);
      else if (over !== undefined) expect(rises, `${over}(${metric})`).toBe(false);
      else expect(rises, `${metric} without rate or increase`).toBe(false);
    }
  });
});

describe('the alerts', () => {
  it('have names of their own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it('speak of labels that their expression leaves', () => {
    for (const { alert, expr, annotations } of rules) {
      const { groupings, selectors } = parsePromql(expr);
      const left = new Set([
        ...targetLabels,
        ...groupings.flatMap(({ by }) => by),
        ...(groupings.length ? [] : selectors.flatMap(({ metric }) => known.get(metric)!.labels)),
      ]);
      const named = [...`${annotations.summary} ${annotations.description}`.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!);
      expect([...left], alert).toEqual(expect.arrayContaining(named));
      expect(`${annotations.summary}${annotations.description}`.split('{{').length).toBe(
        `${annotations.summary}${annotations.description}`.split('}}').length,
      );
    }
  });

  it('name metrics, settings and commands that there are in their runbooks', () => {
    const reference = text('docs/configuration.md') + text('libs/elastic/src/config.ts').replaceAll(/^ {4}(\w+):/gm, 'elasticsearch.$1');
    for (const {
      alert,
      annotations: { runbook },
    } of rules) {
      for (const [name] of runbook.matchAll(/\bgatewatch_\w+/g)) expect([...known.keys()], alert).toContain(name);
      for (const [name] of runbook.matchAll(/\b(?:store|detection|ingest|alerting|http)\.[a-z_.]*[a-z]\b/g))
        expect(reference, alert).toContain(`\`${name}\``);
    }
  });

  it('cover what a person must be told', () => {
    const all = rules.map(({ expr }) => expr).join('\n');
    for (const metric of [
      'up',
      'gatewatch_health_status',
      'gatewatch_kafka_lag_records',
      'gatewatch_ingest_behind_records',
      'gatewatch_task_watermark_seconds',
      'gatewatch_task_checkpoint_timestamp_seconds',
      'gatewatch_alerting_outbox_oldest_seconds',
      'gatewatch_elastic_up',
      'gatewatch_elastic_status',
      'gatewatch_detector_evicted_keys_total',
      'gatewatch_data_disk_free_bytes',
    ])
      expect(all).toContain(metric);
  });
});

describe('the dashboard', () => {
  it('has panels side by side, none over another, each with an id and a description', () => {
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of board.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (const { type, description, title } of board.panels) if (type !== 'row') expect(description, title).toMatch(/\.$/);
  });

  it('uses the variables that it defines, and labels in legends that its expressions keep', () => {
    const variables = board.templating.list.map(({ name }) => name);
    for (const { expr, legendFormat, at } of shown) {
      for (const [, name] of expr.matchAll(/\$(?!__)(\w+)/g)) expect(variables).toContain(name);
      const { groupings, selectors } = parsePromql(expr);
      const kept = groupings.length ? groupings.flatMap(({ by }) => by) : [...targetLabels, ...selectors.flatMap(({ labels }) => labels)];
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(kept, at).toContain(label);
    }
    for (const { definition } of board.templating.list)
      if (definition?.startsWith('label_values')) expect([...known.keys()]).toContain(/^label_values\((\w+)/.exec(definition)![1]);
  });
});

describe('the checks themselves', () => {
  it('find what is no PromQL', () => {
    for (const wrong of [
      'sum(rate(up[5m])',
      'rate(up)',
      'rate(up[5])',
      'up{job=gatewatch}',
      'sum by job (up)',
      'frob(up)',
      'up ==',
      'up[5m]',
      'up 1',
      'up{job="a" instance="b"}',
    ])
      expect(() => parsePromql(wrong), wrong).toThrow();
  });

  it('read what an expression asks for', () => {
    expect(parsePromql('sum by (a) (rate(x_total{b="c", d!~"e"}[5m] offset 1d)) / on (a) group_left max(y) > 1.5e3')).toEqual({
      selectors: [
        { metric: 'x_total', labels: ['b', 'd'], over: 'rate' },
        { metric: 'y', labels: [], over: undefined },
      ],
      groupings: [
        { by: ['a'], selectors: [{ metric: 'x_total', labels: ['b', 'd'], over: 'rate' }] },
        { by: [], selectors: [{ metric: 'y', labels: [], over: undefined }] },
      ],
    });
  });

  it('read registrations, over several lines as well', () => {
    const source = `metrics.counter('a_total', 'A, really.', ['x', 'y']); m.gauge(\n 'b',\n \`B \${most}.\`,\n ); m.histogram('c_seconds', "C.", [1, 2], ['z'])`;
    expect(metricsIn(source)).toEqual([
      ['gatewatch_a_total', { kind: 'counter', labels: ['x', 'y'] }],
      ['gatewatch_b', { kind: 'gauge', labels: [] }],
      ['gatewatch_c_seconds', { kind: 'histogram', labels: ['z'] }],
    ]);
  });
});
