import { describe, expect, it } from 'vitest';
import { fields, type JsonObject } from '#ecs';
import { elasticConfig } from '../config.js';
import { eventMappings } from './mappings.js';
import { templates } from './templates.js';

const none = { lifecycle: false, matchOnlyText: false };
const settings = elasticConfig.parse({ nodes: ['http://localhost:9200'], namespace: 'prod', retention: '30d' });

function typeOf(mappings: JsonObject, name: string): JsonObject | undefined {
  return name
    .split('.')
    .reduce<JsonObject | undefined>((node, key) => (node?.['properties'] as JsonObject | undefined)?.[key] as JsonObject, mappings);
}

describe('the mappings of events', () => {
  const mappings = eventMappings(none);

  it('have every field of the event table, with its type', () => {
    for (const { name, type } of fields) {
      const mapped = typeOf(mappings, name)?.['type'];
      expect([name, mapped]).toEqual([name, name === 'message' || name === 'error.message' ? 'text' : type]);
    }
  });

  it('learn nothing from senders', () => {
    expect(mappings['dynamic']).toBe(false);
    expect(typeOf(mappings, 'gatewatch.extra')?.['type']).toBe('flattened');
  });

  it('bound every keyword below what Lucene takes, whatever its characters', () => {
    for (const { name, type } of fields) {
      if (type !== 'keyword') continue;
      const mapped = typeOf(mappings, name)!;
      const most =
        mapped['index'] === false
          ? 0
          : Number(mapped['ignore_above'] ?? ((mapped['fields'] as JsonObject)['keyword'] as JsonObject)['ignore_above']);
      expect(most * 4).toBeLessThanOrEqual(32_766);
    }
  });

  it("use the cluster's own type for sentences where it has it", () => {
    expect(typeOf(eventMappings({ matchOnlyText: true }), 'message')?.['type']).toBe('match_only_text');
  });
});

describe('the templates', () => {
  const all = templates(settings, none);
  const at = (path: string): JsonObject => all.find((template) => template.path === path)!.body;

  it('carry the retention of their namespace', () => {
    expect(at('/_index_template/logs-gatewatch.events-prod')).toMatchObject({
      index_patterns: ['logs-gatewatch.events-prod'],
      data_stream: {},
      priority: 300,
      template: { lifecycle: { data_retention: '720h' } },
      composed_of: ['gatewatch.events@mappings', 'gatewatch.events@custom'],
    });
  });

  it('keep signals in plain indices, since a data stream takes no updates', () => {
    expect(at('/_index_template/alerts-gatewatch.signals-prod')).not.toHaveProperty('data_stream');
  });

  it('have a hash that changes with what they say', () => {
    const hashes = (over: object): unknown[] =>
      templates({ ...settings, ...over }, none).map(({ body }) => (body['_meta'] as JsonObject)['hash']);
    expect(hashes({})).toEqual(hashes({}));
    expect(hashes({ retention: 1 })).not.toEqual(hashes({}));
  });
});
