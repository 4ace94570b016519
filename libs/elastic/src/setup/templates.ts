import { createHash } from 'node:crypto';
import type { JsonObject } from '#ecs';
import type { ElasticConfig } from '../config.js';
import type { Features } from './features.js';
import { coverageMappings, deadLetterMappings, eventMappings, markMappings, signalMappings } from './mappings.js';

/** A template as it is sent, at its path. */
export interface Template {
  readonly path: string;
  readonly body: JsonObject;
}

/** Above Elastic's own templates for `logs-*-*` (100) and those of integrations (200). */
const priority = 300;

/** Pages of 10,000, and one entry more to know whether there is a next page. */
const settings: JsonObject = { 'index.max_result_window': 10_001, 'index.auto_expand_replicas': '0-1' };

/** A value of the wrong type must not cost the event: it stays in the document and is not indexed. */
const lenient: JsonObject = { 'index.mapping.ignore_malformed': true };

/** `logsdb`, the default for `logs-*-*` from 9.0 on, gives documents back rebuilt and not as they were. */
const asWritten: JsonObject = { 'index.mode': 'standard' };

/**
 * Component and index templates for one namespace pattern. Component templates named `…@custom` are the operator's: they come last and win.
 * The components are shared by all namespaces, the index templates carry what a namespace sets for itself.
 */
export function templates({ namespace, retention, shards, refresh }: ElasticConfig, features: Features): Template[] {
  const lifecycle = { data_retention: `${Math.ceil(retention / 3_600_000)}h` };
  const own: JsonObject = { 'index.number_of_shards': shards, ...(refresh !== undefined && { 'index.refresh_interval': `${refresh}ms` }) };
  const stream = (name: string, given: JsonObject): Template =>
    indexTemplate(`logs-gatewatch.${name}-${namespace}`, {
      index_patterns: [`logs-gatewatch.${name}-${namespace}`],
      data_stream: {},
      template: { settings: given, lifecycle },
      ...composed(`gatewatch.${name}`),
    });
  const signals = `alerts-gatewatch.signals-${namespace}`;
  return [
    component('gatewatch.events@mappings', { mappings: eventMappings(features), settings: { ...settings, ...lenient, ...asWritten } }),
    component('gatewatch.dead_letters@mappings', {
      mappings: deadLetterMappings(features),
      settings: { ...settings, ...lenient, ...asWritten },
    }),
    component('gatewatch.signals@mappings', {
      mappings: signalMappings(features),
      // A deletion is remembered so long, by version: an older revision that comes late must not bring the signal back in the wrong month.
      settings: { ...settings, ...lenient, 'index.gc_deletes': '1h' },
    }),
    stream('events', own),
    stream('dead_letters', {}),
    indexTemplate(signals, {
      index_patterns: [`${signals}-*`],
      template: { aliases: { [signals]: {} } },
      ...composed('gatewatch.signals'),
    }),
    indexTemplate(`gatewatch.coverage-${namespace}`, {
      index_patterns: [`gatewatch.coverage-${namespace}`],
      template: { settings: { 'index.hidden': true, 'index.auto_expand_replicas': '0-1' }, mappings: coverageMappings },
    }),
    indexTemplate(`gatewatch.marks-${namespace}`, {
      index_patterns: [`gatewatch.marks-${namespace}`],
      template: { settings: { 'index.hidden': true, 'index.auto_expand_replicas': '0-1' }, mappings: markMappings },
    }),
  ];
}

function composed(name: string): JsonObject {
  const custom = `${name}@custom`;
  return { composed_of: [`${name}@mappings`, custom], ignore_missing_component_templates: [custom] };
}

function component(name: string, template: JsonObject): Template {
  return stamped(`/_component_template/${encodeURIComponent(name)}`, { template });
}

function indexTemplate(name: string, body: JsonObject): Template {
  return stamped(`/_index_template/${encodeURIComponent(name)}`, { ...body, priority });
}

/** The hash tells at the next start whether anything has changed, so that a start writes nothing to the cluster's state. */
function stamped(path: string, body: JsonObject): Template {
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
  return { path, body: { ...body, _meta: { managed_by: 'gatewatch', hash } } };
}
