import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCases } from './run-cases.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatewatch-cases-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const rule = `
title: Refused
name: refused
id: 5f1e3c0a-0000-4000-8000-000000000001
detection:
  selection:
    http.response.status_code: 403
  condition: selection
---
title: Three refusals
name: three_refusals
id: 5f1e3c0a-0000-4000-8000-000000000002
level: low
correlation:
  type: event_count
  rules: [refused]
  group-by: [source.ip]
  timespan: 1m
  condition: { gte: 3 }
`;

function report(cases: string): readonly string[] {
  writeFileSync(join(folder, 'rule.yml'), rule);
  writeFileSync(join(folder, 'cases.yml'), cases);
  return runCases(folder).problems;
}

const threeEvents = `
    events:
      - { at: 0s, repeat: { times: 3, every: 10s }, source.ip: 203.0.113.7, http.response.status_code: 403 }`;

it('is content when every case gives its signals', () => {
  const problems = report(`
cases:
  - name: three
    about: three_refusals
    kind: fires${threeEvents}
    signals: [{ rule: three_refusals, group: 203.0.113.7, count: 3 }]
`);
  expect(problems).toEqual([]);
});

it('says in which variant which signal came instead', () => {
  const problems = report(`
cases:
  - name: three
    about: three_refusals
    kind: fires${threeEvents}
    signals: [{ rule: three_refusals, group: 203.0.113.7, count: 4 }]
`);
  expect(problems).toHaveLength(7);
  expect(problems[0]).toBe(
    'three (in order): expected a signal of three_refusals for 203.0.113.7 with 4 events, got three_refusals for 203.0.113.7 with 3 events',
  );
});

it('finds a signal that nobody expects', () => {
  const problems = report(`
cases:
  - name: nothing
    about: three_refusals
    kind: quiet${threeEvents}
`);
  expect(problems[0]).toBe('nothing (in order): expected no further signal, got three_refusals for 203.0.113.7 with 3 events');
});

it('does not let a case claim what it does not show', () => {
  const problems = report(`
cases:
  - name: three
    about: four_refusals
    kind: near_miss${threeEvents}
    signals: [{ rule: three_refusals, group: 203.0.113.7 }]
`);
  expect(problems).toEqual(["three: no rule 'four_refusals' in this folder"]);
});

it('names the place of a mistake in the file', () => {
  const [problem] = report('cases:\n  - { name: x, about: y, kind: quiet, events: [{ at: soon }] }\n');
  expect(problem).toContain("cases.0.events.0.at: expected a duration such as '90s' or '5m', got 'soon'");
});

it('reports rules that do not load', () => {
  writeFileSync(join(folder, 'rule.yml'), rule.replace('event_count', 'event_cuont'));
  writeFileSync(join(folder, 'cases.yml'), 'cases:\n  - { name: x, about: y, kind: quiet, events: [{ at: 0s }] }\n');
  expect(runCases(folder).problems[0]).toContain("unknown correlation type 'event_cuont'");
});
