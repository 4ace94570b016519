import { describe, expect, it } from 'vitest';
import { FieldIndex, type FieldValue } from '#ecs';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from './load-rules.js';

function matching(filter: string, event: Record<string, FieldValue>): boolean | string {
  const index = new FieldIndex();
  const text = `title: T\nid: t\ndetection:\n  okta_systemlog:\n    OIE: |\n      ${filter}\n`;
  const { rules, problems } = loadRules([{ file: 'a.yml', text }], { index, ruleTypes });
  if (problems.length) return problems[0]!.message;
  const values = new Array<FieldValue>(index.size).fill(undefined);
  for (const [name, value] of Object.entries(event)) values[index.slot(name)] = value;
  return rules.matcher.match(values, new Int32Array(1)) === 1;
}

describe("a filter of Okta's System Log (RFC 7644, section 3.4.2.2)", () => {
  it.each<[string, Record<string, FieldValue>, boolean]>([
    ['eventType eq "user.Session"', { eventType: 'user.session' }, true],
    ['eventType ne "a"', { eventType: 'b' }, true],
    ['eventType ne "a"', {}, true],
    ['a co "b" and c sw "d"', { a: 'xbx', c: 'dx' }, true],
    ['a co "b" and c sw "d"', { a: 'xbx', c: 'xd' }, false],
    ['a eq "1" or a eq "2" and b eq "3"', { a: '1' }, true],
    ['(a eq "1" or a eq "2") and b eq "3"', { a: '1' }, false],
    ['a ew "x" and not (b pr)', { a: 'x' }, true],
    ['a ew "x" and not (b pr)', { a: 'x', b: '' }, false],
    ['a eq "x*"', { a: 'xyz' }, false],
    ['a eq "x*"', { a: 'x*' }, true],
    ['a ge 5', { a: 5 }, true],
    ['a eq true', { a: 'true' }, true],
  ])('%s of %j is %s', (filter, event, expected) => {
    expect(matching(filter, event)).toBe(expected);
  });

  it.each<[string, string]>([
    [
      'a like "x"',
      "detection.okta_systemlog.OIE: unknown operator 'like', expected one of eq, ne, co, sw, ew, gt, ge, lt, le, pr in the filter, near 'a like'",
    ],
    ['(a eq "x"', "detection.okta_systemlog.OIE: a ')' is missing in the filter, near 'eq \"x\"'"],
    ['a eq', "detection.okta_systemlog.OIE: expected a text, a number, true, false or null, got 'the end' in the filter, near 'a'"],
    ['a eq "x" b', 'detection.okta_systemlog.OIE: expected and, or, or the end in the filter, near \'eq "x" b\''],
  ])('%s is a problem that names it', (filter, expected) => {
    const message = matching(filter, {});
    expect(message).toContain(expected.split(' in the filter')[0]);
  });
});
