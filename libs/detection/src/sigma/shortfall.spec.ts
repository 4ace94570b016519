import { describe, expect, it } from 'vitest';
import { FieldIndex, type FieldValue } from '#ecs';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from './load-rules.js';

const index = new FieldIndex();
const rule = (detection: string): string =>
  `title: T\nid: 5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c0aa\nlogsource: { category: webserver }\ndetection:\n${detection}`;

function missing(detection: string, fields: Record<string, FieldValue>): string[] {
  const { rules, problems } = loadRules([{ file: 'r.yml', text: rule(detection) }], { index, ruleTypes });
  expect(problems).toEqual([]);
  const values: FieldValue[] = [];
  for (const [name, value] of Object.entries(fields)) values[index.slot(name)] = value;
  return rules.matcher.shortfall!(0, values).map(
    ({ slot, expected, excluded, found }) =>
      `${index.names()[slot] ?? '*'} ${excluded ? 'not: ' : ''}${expected}, found ${String(found as string | undefined)}`,
  );
}

describe('what stands between an event and a match', () => {
  const login =
    '  a: { url.path: /login, http.response.status_code: [401, 403] }\n  inner: { source.ip|cidr: 10.0.0.0/8 }\n  condition: a and not inner\n';

  it('is nothing for an event that matches', () => {
    expect(missing(login, { 'url.path': '/login', 'http.response.status_code': 401, 'source.ip': '203.0.113.7' })).toEqual([]);
  });

  it('names each test that failed, of alternatives the one with fewest', () => {
    expect(missing(login, { 'url.path': '/logout', 'http.response.status_code': 200 })).toEqual([
      "url.path is '/login', found /logout",
      'http.response.status_code is 401, found 200',
    ]);
    const either = '  a: { url.path: /a, user.name: root }\n  b: { url.path|startswith: /b }\n  condition: 1 of them\n';
    expect(missing(either, { 'url.path': '/x' })).toEqual(["url.path is '/b*', found /x"]);
  });

  it('says what a filter took out', () => {
    expect(missing(login, { 'url.path': '/login', 'http.response.status_code': 401, 'source.ip': '10.1.2.3' })).toEqual([
      'source.ip not: is in the network, found 10.1.2.3',
    ]);
  });
});
