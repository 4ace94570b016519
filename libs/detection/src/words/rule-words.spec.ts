import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from '../sigma/load-rules.js';
import { loadFiles, ruleFiles } from '../sigma/rule-set-files.js';
import { ruleTuning } from '../sigma/tuning.js';
import { linesOfWords, ruleInWords } from './rule-words.js';
import { amountOf, spanInWords } from './span.js';

function words(text: string, name: string, tuning?: object): string[] {
  const index = new FieldIndex();
  const options = { index, ruleTypes, ...(tuning && { tuning: ruleTuning.parse(tuning) }) };
  const { rules, problems } = loadRules([{ file: 'words.yml', text }], options);
  expect(problems).toEqual([]);
  const rule = [...rules.detections, ...rules.correlations].find((one) => one.rule.name === name)!;
  return linesOfWords(ruleInWords(rule, rules, index.names()));
}

const asked = (detection: string): string[] =>
  words(`title: T\nname: t\ndetection:\n${detection.replace(/^/gm, '  ')}\n`, 't').slice(3).map((line) => line.slice(2)); // prettier-ignore

describe('the condition of a rule in plain words', () => {
  it.each<[string, readonly string[]]>([
    ['s: {url.path: /login}\ncondition: s', ["url.path is '/login'"]],
    ['s: {url.path: [/a, /b*, /c*]}\ncondition: s', ["url.path is '/a', or starts with one of '/b', '/c'"]],
    ['s: {url.path|contains|all: [a, b]}\ncondition: s', ["url.path contains all of 'a', 'b'"]],
    ['s: {url.path: /login}\nf: {url.path|endswith: [.js, .css]}\ncondition: s and not f', ["url.path is '/login' and does not end with any of '.js', '.css'"]], // prettier-ignore
    [
      's: {http.response.status_code|gte: 200, http.response.status_code|lt: 300}\nf: {user.name|exists: true}\ng: {source.ip|cidr: 10.0.0.0/8}\ncondition: s and not (f and g)',
      [
        'all of these hold:',
        '- http.response.status_code is at least 200 and is below 300',
        '- at least one of these does not hold:',
        '  - user.name is there',
        '  - source.ip is in the network 10.0.0.0/8',
      ],
    ],
    ['s: {user.name: null}\ncondition: s', ['user.name is missing or null']],
    ['s: {user.name|exists: false}\ncondition: s', ['user.name is missing']],
    ['s: {user.name|cased: Root}\ncondition: s', ["user.name is 'Root' (upper and lower case differ)"]],
    ['s: {user.name|neq: root}\ncondition: s', ["user.name is there and is not 'root'"]],
    ['s: {user.name|fieldref: user.id}\ncondition: not s', ['user.name is not what is in user.id']],
    ['s: {user.name|re|i: "^a.+z$"}\ncondition: s', ['user.name fits the expression /^a.+z$/i']],
    ['s: [evil, "b?d"]\ncondition: s', ["any text of the event contains 'evil', or has the form '*b?d*'"]],
    ['s: {event.created|hour|gte: 22}\ncondition: s', ['event.created is of hour at least 22']],
    ["s: {user.name: ''}\ncondition: s", ['user.name is empty']],
    ['s: {user.name: "*"}\ncondition: not s', ['user.name is missing']],
  ])('of %j is %j', (detection, expected) => {
    expect(asked(detection)).toEqual(expected);
  });

  const pair = 'title: A\nname: a\ndetection: {s: {user.name: x}, condition: s}\n---\ntitle: B\nname: b\ndetection: {s: {user.name: y}, condition: s}\n---\n'; // prettier-ignore

  it('names exceptions with owner, reason and end, and events that a variant judges', () => {
    const text = `${pair}title: C\nname: c\ncorrelation: {type: event_count, rules: [a], group-by: [source.ip], timespan: 90s, condition: {gte: 3}}\n`;
    const exceptions = [
      { name: 'scanner', rules: 'c', when: { 'source.ip': '192.0.2.1' }, owner: 'ops', reason: 'own scanner', expires: '2027-03-31' },
    ];
    const overrides = [{ rule: 'c', when: { 'service.name': 'shop' }, gte: 9 }];
    expect(words(text, 'c', { exceptions, overrides })).toEqual([
      'Fires when 3 or more of "A" with the same source.ip happen within 1 minute 30 seconds.',
      'Exception scanner (ops: own scanner): until 2027-03-31T00:00Z these events do not count:',
      "  source.ip is '192.0.2.1'",
      'A variant of the rule judges these events instead, and here they do not count:',
      "  service.name is 'shop'",
      '',
      '"A" (a):',
      "  user.name is 'x'",
    ]);
  });

  it('reads well for every shipped rule', async () => {
    const index = new FieldIndex();
    const { rules } = loadFiles(ruleFiles([], true), { index });
    const names = index.names();
    const all = [...rules.detections, ...rules.correlations].sort((one, other) => (one.rule.name! < other.rule.name! ? -1 : 1));
    const golden = all.map(
      (rule) => `# ${rule.rule.title} (${rule.rule.name!})\n${linesOfWords(ruleInWords(rule, rules, names)).join('\n')}\n`,
    );
    await expect(golden.join('\n')).toMatchFileSnapshot('./shipped-rules.expected.txt');
  });

  it('says durations and amounts as people do', () => {
    expect([90_000, 86_400_000, 5, 7 * 86_400_000].map(spanInWords)).toEqual(['1 minute 30 seconds', '1 day', '5 milliseconds', '7 days']);
    expect(amountOf(1, 'event')).toBe('1 event');
  });
});
