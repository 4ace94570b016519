import { z } from 'zod';
import { levels } from '#ecs';
import { criteria } from './bounds.js';
import type { RuleTypeShapes } from './correlation-section.js';
import { modifierNames } from './field-test.js';
import { pipelineSchema } from './pipelines.js';
import { sensitivityBlock } from './tuning.js';

const text = { type: 'string' };
const texts = { anyOf: [text, { type: 'array', items: text }] };
const draft = 'https://json-schema.org/draft/2020-12/schema';

/** JSON Schema of rule files, for editors: keys, levels, modifiers, correlation types and their settings. What needs a look at other rules is left to `rules lint`. */
export function ruleJsonSchema(types: RuleTypeShapes): object {
  const heading = {
    title: { ...text, maxLength: 256 },
    id: { ...text, description: 'A UUID.' },
    name: { ...text, description: 'By which correlations refer to the rule.' },
    status: { enum: ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] },
    description: text,
    author: texts,
    references: texts,
    falsepositives: texts,
    tags: { type: 'array', items: { ...text, pattern: '^[a-z0-9_-]+\\.[a-z0-9._-]+$' } },
    level: { enum: [...levels] },
    taxonomy: text,
    logsource: { type: 'object', additionalProperties: text },
    gatewatch: {
      type: 'object',
      additionalProperties: false,
      properties: {
        'group-by': texts,
        timespan: text,
        runbook: text,
        known_gaps: texts,
        owasp: texts,
        enabled: { type: 'boolean' },
        unless: { ...text, description: 'A rule of type `crowd`: events of keys that it holds do not count.' },
        when: { ...text, description: 'A rule of type `crowd`: only events of keys that it holds count.' },
        sensitivity: sensitivitySchema(),
      },
    },
  };
  return {
    $schema: draft,
    title: 'Gatewatch rule (Sigma 2.1)',
    type: 'object',
    required: ['title'],
    properties: { ...heading, detection: detectionSchema(), filter: detectionSchema(), correlation: correlationSchema(types) },
    oneOf: ['detection', 'correlation', 'filter'].map((key) => ({ required: [key] })),
  };
}

function sensitivitySchema(): object {
  const block = z.toJSONSchema(sensitivityBlock, { io: 'input', unrepresentable: 'any' });
  return { type: 'object', additionalProperties: false, properties: { strict: block, quiet: block } };
}

function detectionSchema(): object {
  const key = `^[^|]*(\\|(${modifierNames.join('|')}))*$`;
  const map = { type: 'object', minProperties: 1, propertyNames: { pattern: key } };
  return {
    type: 'object',
    required: ['condition'],
    properties: { condition: texts, rules: texts },
    additionalProperties: { anyOf: [map, { type: 'array', minItems: 1, items: { anyOf: [map, text, { type: 'number' }] } }] },
  };
}

function correlationSchema(types: RuleTypeShapes): object {
  const names = Object.keys(types);
  const settings = Object.fromEntries(
    names.flatMap((name) =>
      Object.entries((z.toJSONSchema(types[name]!.settings, { io: 'input', unrepresentable: 'any' }).properties ?? {}) as object),
    ),
  );
  const condition = Object.fromEntries(criteria.map((name) => [name, { type: 'number' }]));
  return {
    type: 'object',
    required: ['type', 'rules', 'timespan'],
    properties: {
      type: { enum: names },
      rules: texts,
      'group-by': texts,
      timespan: { ...text, pattern: '^\\d+(ms|s|m|h|d|w)$' },
      condition: { type: 'object', properties: { field: texts, ...condition } },
      aliases: { type: 'object', additionalProperties: { type: 'object', additionalProperties: text } },
      generate: { type: 'boolean' },
      ...settings,
    },
  };
}

/** JSON Schema of pipeline files. */
export function pipelineJsonSchema(): object {
  return z.toJSONSchema(pipelineSchema, { io: 'input' });
}
