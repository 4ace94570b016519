import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { ruleTypes } from '../rule-types/rule-types.js';
import { lintRules } from './lint.js';
import { loadRules } from './load-rules.js';

const heading = 'title: T\nid: 5f1e3c0a-0000-4000-8000-000000000001\n';
function warnings(text: string, knownFields: string[] = []): string[] {
  const files = [{ file: 'a.yml', text }];
  const { rules, problems } = loadRules(files, { index: new FieldIndex(), ruleTypes });
  expect(problems).toEqual([]);
  return lintRules(files, rules, { knownFields, mapped: true }).map(({ line, message }) => `${line} ${message}`);
}
const rule = (detection: string, more = ''): string => `${heading}${more}detection:\n  s: ${detection}\n  condition: s\n`;

describe('lint', () => {
  it('has nothing against a rule that is well written, in our names or those of its taxonomy', () => {
    expect(
      warnings(
        rule('{url.path|contains: x}', 'tags: [attack.t1110.001, attack.initial-access, owasp.api10, owasp.api3.2019, cve.2026-12345]\n'),
      ),
    ).toEqual([]);
    expect(warnings(rule('{cs-method: PUT}', 'logsource: {category: webserver}\n'))).toEqual([]);
  });

  it.each<[string, string[]]>([
    [
      rule('{url.path: x}').replace(/id: .*\n/, ''),
      ["1 'id' is missing: without one the rule is known by its name or file, and signals change their ids with these"],
    ],
    [rule('{url.path: x}').replace(/id: .*/, 'id: mine'), ["2 id: 'mine' is no UUID: another rule may take the same id"]],
    [rule('{url.path: x}', 'status: stabel\n'), ["3 status: unknown status 'stabel': did you mean 'stable'?"]],
    [
      rule('{url.path: x}', 'tags: [attack.t11, attack.impct, owasp.api11, cve.26, Bad]\n'),
      [
        "3 tags.0: tag 'attack.t11' is no tactic, technique (attack.t1110 or attack.t1110.001), group or software of ATT&CK",
        "3 tags.1: tag 'attack.impct' is no tactic, technique (attack.t1110 or attack.t1110.001), group or software of ATT&CK: did you mean 'impact'?",
        "3 tags.2: tag 'owasp.api11' is none of owasp.api1 to owasp.api10, with .2019 or .2023 behind it where the edition matters",
        "3 tags.3: tag 'cve.26' is no CVE, expected cve.2026-12345",
        "3 tags.4: tag 'Bad' has not the form namespace.name in lower case",
      ],
    ],
    [
      `${heading}detection:\n  s: {url.path: x}\n  t: {url.path: y}\n  _u: {url.path: z}\n  condition: s\n`,
      ["5 detection.t: selection 't' is not used by the condition, so it decides nothing (a name that begins with _ may be unused)"],
    ],
    [
      rule('{url.pth: x}'),
      ["4 detection.s.url.pth: no event of Gatewatch's own formats has the field 'url.pth': did you mean 'url.path'?"],
    ],
    [
      rule('{http.response.status: 403}'),
      [
        "4 detection.s.http.response.status: no event of Gatewatch's own formats has the field 'http.response.status': did you mean 'http.response.status_code'?",
      ],
    ],
    [
      rule('{url.path: a, url.query|re: "(a+)+b"}'),
      ["4 detection.s.url.query|re: the regular expression '(a+)+b' repeats a repetition: in engines that backtrack it can run away"],
    ],
    [
      rule('{url.path: a, url.query|re: "a{500}"}'),
      ["4 detection.s.url.query|re: the regular expression 'a{500}' counts above 200: it is copied as often"],
    ],
    [
      rule('{url.path: null}'),
      ['1 every event is tested: the condition can be true without any equality, startswith, contains or endswith of a field'],
    ],
  ])('warns of %j', (text, expected) => {
    expect(warnings(text)).toEqual(expected);
  });

  it('takes fields that the user names', () => {
    expect(warnings(rule('{shop.basket: x}'), ['shop.basket'])).toEqual([]);
  });
});
