import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from './load-rules.js';
import { readPipelines, shippedPipelines } from './pipelines.js';
import { rewriteRules } from './rewrite.js';

const text = `# Whose rule this is stays.
title: Upload
id: 5f1e3c0a-0000-4000-8000-000000000001
name: upload
author: Somebody
logsource:
  category: webserver
detection:
  selection:
    cs-method: PUT # the verb
    c-uri|contains: /upload
    cs-host|fieldref: c-uri-stem
    x-own: 1
  other:
    - sc-status: 200
    - keyword
  condition: selection and other
---
title: Many uploads
id: 5f1e3c0a-0000-4000-8000-000000000002
correlation:
  type: value_count
  rules:
    - upload
  group-by:
    - c-ip
  timespan: 5m
  condition:
    field: c-uri
    gte: 10
`;

describe('a rewritten rule file', () => {
  const own = readPipelines([
    { file: 'p.yml', text: 'name: own\nlogsources:\n  - category: webserver\nfields: {}\nwhere:\n  event.dataset: web\n' },
  ]);
  const pipelines = [...own.pipelines, ...shippedPipelines()];
  const file = { file: 'a.yml', text };
  const load = (files: { file: string; text: string }[], mapped: boolean) =>
    loadRules(files, { index: new FieldIndex(), ruleTypes, ...(mapped && { pipelines }) });
  const before = load([file], true);
  const written = rewriteRules(file, before.rules, pipelines);

  it('has our field names, and all else as it was', () => {
    expect(before.problems).toEqual([]);
    expect(written.text.split('\n').filter((line) => !text.split('\n').includes(line))).toEqual([
      '    http.request.method: PUT # the verb',
      '    url.original|contains: /upload',
      '    url.domain|fieldref: url.path',
      '    - http.response.status_code: 200',
      '  condition: _source and (selection and other)',
      '  _source:',
      '    event.dataset: web',
      'taxonomy: ecs',
      '    - source.ip',
      '    field: url.original',
    ]);
    expect([written.pipelines, written.unknown]).toEqual([['own', 'webserver', 'by inputs'], ['x-own']]);
  });

  it('means without a mapping what it meant with it', () => {
    const after = load([{ file: 'a.yml', text: written.text }], false);
    expect(after.problems).toEqual([]);
    expect([...after.rules.matcher.fields].sort()).toEqual([...before.rules.matcher.fields].sort());
    expect(after.rules.correlations[0]).toMatchObject({ groupBy: ['source.ip'], field: 'url.original' });
    expect(rewriteRules({ file: 'a.yml', text: written.text }, after.rules, pipelines).text).toBe(written.text);
  });
});
