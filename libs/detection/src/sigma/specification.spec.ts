import { describe, expect, it } from 'vitest';
import { FieldIndex, type FieldValue } from '#ecs';
import { Timeline } from '#testkit';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from './load-rules.js';

type Fields = Readonly<Record<string, FieldValue>>;

const placeholders = { admins: ['root', 'a.b'], nets: ['10.0.0.0/8'] };

function load(text: string) {
  const index = new FieldIndex();
  return { ...loadRules([{ file: 'spec.yml', text }], { index, ruleTypes, placeholders }), index };
}

function matches(detection: string, event: Fields): boolean {
  const { rules, problems, index } = load(`title: t\ndetection:\n${detection.replace(/^/gm, '  ')}\n`);
  expect(problems).toEqual([]);
  const values: FieldValue[] = [];
  for (const [name, value] of Object.entries(event)) values[index.slot(name)] = value;
  return rules.matcher.match(Array.from(values), new Int32Array(1)) === 1;
}

const selection = (body: string): string => `s:\n${body.replace(/^/gm, '  ')}\ncondition: s`;

describe('Sigma, by its specification: values and modifiers', () => {
  it.each<[string, Fields, boolean]>([
    ['a|re: 404', { a: 'x404y' }, true],
    ['a|re: 404', { a: 404 }, true],
    ['a|re|i|m|s: "^B.c$"', { a: 'x\nb\nC' }, true],
    ['a|re|m: "^b$"', { a: 'x\nb\nc' }, true],
    ['a|re: "^b$"', { a: 'x\nb\nc' }, false],
    ['a|re|all: ["a+", "b+"]', { a: 'cab' }, true],
    ['a|re|all: ["a+", "b+"]', { a: 'ca' }, false],
    ['a|re|expand: "^%admins%$"', { a: 'root' }, true],
    ['a|re|expand: "^%admins%$"', { a: 'axb' }, false],
    ['a|re|expand: "^%admins%$"', { a: 'a.b' }, true],
    ['a|expand: "%admins%"', { a: 'ROOT' }, true],
    ['a|contains|expand: "/%admins%/"', { a: 'x/root/y' }, true],
    ['a|cidr|expand: "%nets%"', { a: '10.9.9.9' }, true],
    ['a|cidr: ["192.0.2.0/24", "fe80::/10"]', { a: 'fe80::1' }, true],
    ['a|cidr: "::ffff:10.0.0.0/104"', { a: '10.1.1.1' }, true],
    ['a|cidr: "::ffff:10.0.0.0/104"', { a: '::ffff:11.1.1.1' }, false],
    ['a|cidr: "::1/128"', { a: '0:0:0:0:0:0:0:1' }, true],
    ['a|cidr: 10.0.0.0/8', { a: ['192.0.2.1', '10.0.0.1'] }, true],
    ['a|neq: ["x", "y"]', { a: 'z' }, true],
    ['a|neq: ["x", "y"]', { a: 'Y' }, false],
    ['a|contains|neq: x', { a: 'axb' }, false],
    ['a|fieldref|startswith: b', { a: 'abc', b: 'AB' }, true],
    ['a|fieldref|contains: b', { a: 'xaby', b: 'ab' }, true],
    ['a|fieldref|neq: b', { a: 'x', b: 'y' }, true],
    ['a|fieldref|cased: b', { a: 'X', b: 'x' }, false],
    ['a|windash|contains|all: ["-enc", "-w"]', { a: 'p /enc –w' }, true],
    ['a|utf16le|base64offset|contains: cmd', { a: Buffer.from('_cmd', 'utf16le').toString('base64') }, true],
    ['a|utf16|base64: cmd', { a: Buffer.from('\ufeffcmd', 'utf16le').toString('base64') }, true],
    ['a|base64offset|contains: "/bin/sh"', { a: Buffer.from('zz/bin/sh -c').toString('base64') }, true],
    ['a|startswith|cased: Ab', { a: 'abc' }, false],
    ['a|contains: ""', { a: 'anything' }, true],
    ['a|minute: 15', { a: '2026-03-04T05:15:06Z' }, true],
    ['a|day|lt: 5', { a: '2026-03-04T05:15:06Z' }, true],
    ['a|month: [2, 3]', { a: '2026-03-04T05:15:06Z' }, true],
    ['a|year|gte: 2027', { a: '2026-03-04T05:15:06Z' }, false],
    ['a: 1.5', { a: '1.5' }, true],
    ['a: 010', { a: '10' }, true],
    ['a: yes', { a: 'yes' }, true],
    ['a: 2026-11-23', { a: '2026-11-23' }, true],
    ['a: [1, "two", null]', {}, true],
    ['a: [1, "two", null]', { a: 'TWO' }, true],
    ['a: 5*', { a: 503 }, true],
    ['a: admin*', { a: 'Administrator' }, true],
    ["a: '\\*'", { a: '*' }, true],
    ["a: '\\*'", { a: 'x' }, false],
    ["a: '\\\\\\*x'", { a: '\\*x' }, true],
    ["a: 'C:\\Windows\\*'", { a: 'c:\\windows\\system32' }, false],
    ["a: 'C:\\Windows\\\\*'", { a: 'c:\\windows\\system32' }, true],
    ["'field with spaces|contains': x", { 'field with spaces': 'axb' }, true],
    ["'a.b-c/d@e': x", { 'a.b-c/d@e': 'X' }, true],
    ["'cs(User-Agent)|contains': x", { 'cs(User-Agent)': 'axb' }, true],
    ['a: STRASSE', { a: 'strasse' }, true],
    ['a: Übermut', { a: 'ÜBERMUT' }, true],
    ['a|gt: 5', { a: ['3', '7'] }, true],
    ['a|lte: "5"', { a: 5 }, true],
    ['- a: x\n  b: y\n- c|exists: true', { c: '' }, true],
    ['- a: x\n  b: y\n- c|exists: true', { a: 'x' }, false],
    ['- evil\n- a: x', { b: 'EVIL!' }, true],
    ['- 4711', { b: 'id 4711' }, true],
    ["'|contains|all':\n  - one\n  - two", { a: 'two', b: 'one' }, true],
    ["'|re': 'o+h'", { a: 'ooh' }, true],
  ])('%j of %j is %s', (body, event, expected) => {
    expect(matches(selection(body), event)).toBe(expected);
  });

  it('takes one keyword without a list', () => {
    expect(matches('keywords: evil\ncondition: keywords', { a: 'an Evil thing' })).toBe(true);
    expect(matches('keywords: 4711\ncondition: keywords', { a: 'id 4711' })).toBe(true);
  });

  it.each<[string, Fields, boolean]>([
    ['a1 and not 1 of f_*', { x: 1 }, true],
    ['a1 and not 1 of f_*', { x: 1, g: 2 }, false],
    ['a1 and not all of f_*', { x: 1, g: 2 }, true],
    ['not (a1 or (f_a and not f_b))', { f: 1, g: 2 }, true],
    ['not (a1 or (f_a and not f_b))', { f: 1 }, false],
    ['1 of them', { g: 2 }, true],
    ['all of them', { x: 1, f: 1 }, false],
    ['NOT a1 AND (f_a OR f_b)', { g: 2 }, true],
    ['any of f_*', { f: 1 }, true],
  ])('condition %j of %j is %s', (condition, event, expected) => {
    const selections = 'a1: {x: 1}\nf_a: {f: 1}\nf_b: {g: 2}';
    const whole = condition.includes('a1') || condition.includes('them') ? condition : `${condition} or a1`;
    const used = whole.includes('f_') || whole.includes('them') ? whole : `${whole} or all of f_*`;
    expect(matches(`${selections}\ncondition: ${used}`, event)).toBe(expected);
  });
});

describe('Sigma, by its specification: hostile variants', () => {
  it.each<[string, Fields, boolean]>([
    ['a1 and a2 or b1', { b: 1 }, true],
    ['a1 and (a2 or b1)', { b: 1 }, false],
    ['not a1 and b1', { b: 1 }, true],
    ['not (a1 and b1)', { a: 1 }, true],
    ['not not a1', { a: 1 }, true],
    ['((((a1))))', { a: 1 }, true],
    ['not 1 of a*', { b: 1 }, true],
    ['not all of a*', { a: 1 }, true],
    ['1 of *1', { b: 1 }, true],
    ['all of *', { a: 1, a2: 1 }, false],
    ['1 of _x*', { x: 1 }, true],
    ['1 of them', { x: 1 }, false],
    ['a1\tor\n  b1', { b: 1 }, true],
  ])('condition %j of %j is %s', (condition, event, expected) => {
    const selections = 'a1: {a: 1}\na2: {a2: 1}\nb1: {b: 1}\n_x1: {x: 1}';
    expect(matches(`${selections}\ncondition: ${JSON.stringify(condition)}`, event)).toBe(expected);
  });

  it.each<[string, Fields, boolean]>([
    ['a: "404"', { a: 404 }, true],
    ['a: 404', { a: '404' }, true],
    ['a: 404', { a: '0404' }, true],
    ['a: true', { a: 'true' }, true],
    ['a: "true"', { a: true }, true],
    ['a: false', {}, false],
    ['a: null', { a: '' }, false],
    ["a: ''", { a: '' }, true],
    ["a: ''", {}, false],
    ['a: "*"', { a: '' }, true],
    ['a: "?"', { a: '' }, false],
    ['a: "?*"', { a: 'x' }, true],
    ['a|contains: "*"', { a: 'x' }, true],
    ["a: 'x\\\\'", { a: 'x\\' }, true],
    ["a|endswith: '\\'", { a: 'dir\\' }, true],
    ["a|contains: '\\?'", { a: 'what?' }, true],
    ["a|contains: '\\?'", { a: 'what!' }, false],
    ['a|cased: "AB*"', { a: 'ABc' }, true],
    ['a|cased: "AB*"', { a: 'abc' }, false],
    ['a|contains|cased|all: [A, b]', { a: 'bA' }, true],
    ['a|all: ["*x*", "*y*"]', { a: 'yx' }, true],
    ['a|contains|all: [x, y]', { a: ['x', 'y'] }, true],
    ['a|exists: true', { a: false }, true],
    ['a|exists: false', { b: 1 }, true],
    ['a|gt: 5', { a: 'six' }, false],
    ['a|lt: 5', {}, false],
    ['a|gte: -1', { a: -1 }, true],
    ['a|lt: 0.5', { a: '0.25' }, true],
    ['a|cidr: 0.0.0.0/0', { a: 'not an address' }, false],
    ['a|windash: "-x"', { a: '/x' }, true],
    ['a|base64: "foo"', { a: 'Zm9v' }, true],
    ['a|re: "(?i)ABC"', { a: 'xabcx' }, true],
    ['a|re: "a.c"', { a: 'a\nc' }, false],
    ['a|re|s: "a.c"', { a: 'a\nc' }, true],
    ['a|neq: 5', { a: '5' }, false],
    ['a|neq: 5', {}, false],
    ['- "*"', { a: 'x' }, true],
    ['- {a: x}\n- {a: y}', { a: 'y' }, true],
    ['condition: x', { condition: 'x' }, true],
    ['"a b.c-d": x', { 'a b.c-d': 'x' }, true],
  ])('%j of %j is %s', (body, event, expected) => {
    expect(matches(selection(body), event)).toBe(expected);
  });

  it.each<[string, string]>([
    ['s: {a: x}\ncondition: s and', 'ends too early'],
    ['s: {a: x}\ncondition: s s', 'unexpected'],
    ['s: {a: x}\ncondition: (s', `a ')' is missing`],
    ['s: {a: x}\ncondition: s)', 'unexpected'],
    ['s: {a: x}\ncondition: 2 of s*', `'2 of' is unknown`],
    ['s: {a: x}\ncondition: 1 of t*', 'no selection is named t*'],
    ['s: {a: x}\ncondition: s | count() > 5', 'Sigma 1'],
    ['s: {a|contains|startswith: x}\ncondition: s', 'exclude each other'],
    ['s: {a|re|contains: x}\ncondition: s', 'exclude each other'],
    ['s: {a|i: x}\ncondition: s', 'goes with re only'],
    ['s: {a|exists: 1}\ncondition: s', 'true or false'],
    ['s: {a|gt: x}\ncondition: s', 'takes a number'],
    ['s: {a|cidr: x}\ncondition: s', 'takes a network'],
    ['s: {a|re: "(?<=x)y"}\ncondition: s', 'a|re'],
    ['s: {a|contains: null}\ncondition: s', 'null cannot be combined'],
    ['s: {a: []}\ncondition: s', 'empty list'],
    ['s: {a: {b: c}}\ncondition: s', 'expected a text'],
    ['s: {}\ncondition: s', 'the map is empty'],
    ['s: {"|gt": 5}\ncondition: s', 'needs a field'],
  ])('%j is an error that names it', (detection, expected) => {
    const { problems } = load(`title: t\ndetection:\n${detection.replace(/^/gm, '  ')}\n`);
    expect(problems.map(({ message }) => message).join(' ')).toContain(expected);
  });

  it('lets a selection be unused', () => {
    expect(matches('s: {a: x}\nt: {b: y}\ncondition: s', { a: 'x' })).toBe(true);
  });
});

describe('Sigma, by its specification: several documents and filters', () => {
  const fires = (text: string, event: Fields): string[] => {
    const { rules, problems, index } = load(text);
    expect(problems).toEqual([]);
    const values: FieldValue[] = [];
    for (const [name, value] of Object.entries(event)) values[index.slot(name)] = value;
    const found = new Int32Array(rules.detections.length);
    const count = rules.matcher.match(Array.from(values), found);
    return Array.from(found.subarray(0, count), (at) => rules.detections[at]!.rule.title);
  };

  it('shares what is global until a reset, and repeats the document before', () => {
    const collection = `action: global
title: g
logsource: {category: webserver}
detection: {condition: s}
---
id: one
detection: {s: {a: 1}}
---
action: repeat
id: two
detection: {s: {a: 2}}
---
action: reset
title: alone
id: three
detection: {s: {a: 3}, condition: s}
`;
    expect([1, 2, 3].map((a) => fires(collection, { a }))).toEqual([['g'], ['g'], ['alone']]);
  });

  const two = 'title: A\nname: a\nlogsource: {category: x}\ndetection: {s: {k: 1}, condition: s}\n---\ntitle: B\nname: b\nlogsource: {category: y}\ndetection: {s: {k: 1}, condition: s}\n---\n'; // prettier-ignore
  it.each<[string, string[]]>([
    ['filter: {rules: [a], f: {u: adm}, condition: not f}', ['B']],
    ['filter: {rules: any, f: {u: adm}, condition: not f}', []],
    ['logsource: {category: x}\nfilter: {f: {u: adm}, condition: not f}', ['B']],
    ['logsource: {category: z}\nfilter: {rules: any, f: {u: adm}, condition: not f}', ['A', 'B']],
    ['filter: {rules: [a, b], f: {u: other}, condition: not f}', ['A', 'B']],
  ])('filter %j leaves %j', (filter, expected) => {
    expect(fires(`${two}title: F\n${filter}\n`, { k: 1, u: 'adm' })).toEqual(expected);
  });
});

describe('Sigma, by its specification: files of JSON', () => {
  const rule = { title: 't', id: 'j', detection: { s: { 'a|contains': ['x', '"\\:'] }, condition: 's' } };

  it('are read as YAML would read them', () => {
    for (const text of [JSON.stringify(rule), JSON.stringify(rule, null, 2), `\uFEFF\n${JSON.stringify(rule)}`]) {
      const { rules, problems } = load(text);
      expect(problems).toEqual([]);
      expect(rules.detections[0]!.rule.version).toBe(load(`title: t\nid: j\ndetection: {s: {"a|contains": [x, '"\\:']}, condition: s}`).rules.detections[0]!.rule.version); // prettier-ignore
    }
  });

  it('name the line of a problem, and have no key twice', () => {
    const wrong = load('{\n"title": "t",\n"detection": {"s": {\n"a|contians": "x"}, "condition": "s"}}').problems;
    expect(wrong.map(({ line }) => line)).toEqual([4]);
    const twice = load('{\n"title": "t",\n"title": "u",\n"detection": {"s": {"a": "x"}, "condition": "s"}}').problems;
    expect(twice.map(({ line, message }) => `${line} ${message}`)).toEqual([expect.stringContaining('unique')]);
  });
});

describe('Sigma, by its specification: files', () => {
  it.each<[string, string]>([
    ['CRLF', 'title: t\r\ndetection:\r\n  s:\r\n    a: x\r\n  condition: s\r\n'],
    ['a byte order mark', '\uFEFFtitle: t\ndetection:\n  s: {a: x}\n  condition: s\n'],
    ['anchors', 'title: t\ndetection:\n  s: &one\n    a: x\n  t: *one\n  condition: s or t\n'],
    ['merge keys', 'title: t\ndetection:\n  s: &one\n    a: x\n  t:\n    <<: *one\n    b: y\n  condition: s or t\n'],
    ['a document end', '---\ntitle: t\ndetection: {s: {a: x}, condition: s}\n...\n'],
    ['a comment in front', '# yes\n\n---\ntitle: t\ndetection: {s: {a: x}, condition: s}\n'],
    ['unquoted dates', 'title: t\ndate: 2026-11-23\nmodified: 2026/11/23\ndetection: {s: {a: x}, condition: s}\n'],
    ['a folded condition', 'title: t\ndetection:\n  s: {a: x}\n  t: {b: y}\n  condition: >\n    s\n    or t\n'],
  ])('with %s are read', (_, text) => {
    const { rules, problems, index } = load(text);
    expect(problems).toEqual([]);
    const values: FieldValue[] = [];
    values[index.slot('a')] = 'x';
    expect(rules.matcher.match(Array.from(values), new Int32Array(1))).toBe(1);
  });
});

const base = `title: base
name: base
id: 11111111-1111-4111-8111-111111111111
detection: {s: {kind: base}, condition: s}
---
title: other
name: other
detection: {s: {kind: other}, condition: s}
---
title: third
name: third
detection: {s: {kind: third}, condition: s}
---
`;

/** Titles of the rules that tell something of events given as [second, fields]. */
function signalled(correlations: string, events: readonly (readonly [number, Fields])[]): string[] {
  const { rules, problems, index } = load(base + correlations);
  expect(problems).toEqual([]);
  const line = new Timeline(rules, { index });
  for (const [at, fields] of events) line.event(`${at}s`, { host: 'h', ...fields });
  line.finish();
  return [...new Set(line.all().map(({ rule }) => rule.title))].sort();
}

const correlation = (type: string, more: string, rules = '[base]'): string =>
  `title: c\ncorrelation:\n  type: ${type}\n  rules: ${rules}\n  group-by: [host]\n  timespan: 1m\n${more.replace(/^/gm, '  ')}\n`;
const each = (...fields: Fields[]): [number, Fields][] => fields.map((one, i) => [i, { kind: 'base', ...one }]);

describe('Sigma, by its specification: correlations', () => {
  it.each<[string, string, readonly (readonly [number, Fields])[], boolean]>([
    ['event_count', 'condition: {gte: 3}', each({}, {}, {}), true],
    ['event_count', 'condition: {gt: 3}', each({}, {}, {}), false],
    ['event_count', 'condition: {eq: 3}', each({}, {}, {}), true],
    ['event_count', 'condition: {gte: 2, lte: 2}', each({}, {}, {}), true],
    ['event_count', 'condition: {neq: 1}', each({}), false],
    ['value_count', 'condition: {field: u, gte: 2}', each({ u: 'a' }, { u: 'b' }), true],
    ['value_count', 'condition: {field: u, gte: 2}', each({ u: 'a' }, { u: 'a' }), false],
    ['value_count', 'condition: {field: [u, v], gte: 3}', each({ u: 'a', v: 'x' }, { u: 'a', v: 'y' }, { u: 'b', v: 'x' }), true],
    ['value_count', 'condition: {field: [u, v], gte: 3}', each({ u: 'a', v: 'x' }, { u: 'a', v: 'y' }, { u: 'a', v: 'x' }), false],
    ['value_count', 'condition: {field: [u, v], gte: 2}', each({ u: 'a', v: 'x' }, { u: 'b' }), false],
    ['value_count', 'condition: {field: [u, v], lt: 2}', each({ u: 'a', v: 'x' }), true],
    ['value_count', 'condition: {field: [u], gte: 2}', each({ u: 'a' }, { u: 'b' }), true],
    ['value_sum', 'condition: {field: n, gt: 9}', each({ n: 5 }, { n: '5' }), true],
    ['value_avg', 'condition: {field: n, lt: 5}', each({ n: 5 }, { n: 3 }), true],
    ['value_median', 'condition: {field: n, eq: 3}', each({ n: 1 }, { n: 3 }, { n: 90 }), true],
    ['value_percentile', 'condition: {field: n, gte: 90, percentile: 95}', each({ n: 1 }, { n: 95 }), true],
  ])('%s with %s of %j fires: %s', (type, more, events, expected) => {
    expect(signalled(correlation(type, more), events)).toEqual(expected ? ['c'] : []);
  });

  it.each<[string, string, readonly (readonly [number, Fields])[], boolean]>([
    ['temporal', '', [[0, { kind: 'other' }], [5, { kind: 'base' }]], true], // prettier-ignore
    ['temporal', '', [[0, { kind: 'other' }], [65, { kind: 'base' }]], false], // prettier-ignore
    ['temporal', 'condition: {gte: 2}', [[0, { kind: 'other' }], [5, { kind: 'base' }]], true], // prettier-ignore
    ['temporal_ordered', '', [[0, { kind: 'other' }], [5, { kind: 'base' }]], false], // prettier-ignore
    ['temporal_ordered', '', [[0, { kind: 'base' }], [5, { kind: 'other' }]], true], // prettier-ignore
  ])('%s %s of %j fires: %s', (type, more, events, expected) => {
    expect(signalled(correlation(type, more, '[base, other]'), events)).toEqual(expected ? ['c'] : []);
  });

  it('name their rules by id or name, chain, and generate what they read when they say so', () => {
    const chain = `${correlation('event_count', 'generate: true\ncondition: {gte: 2}', '11111111-1111-4111-8111-111111111111').replace('title: c', 'title: c\nname: many')}---
${correlation('temporal_ordered', '', '[many, other]').replace('title: c', 'title: then')}`;
    expect(signalled(chain, [[0, { kind: 'base' }], [1, { kind: 'base' }], [9, { kind: 'other' }]])).toEqual(['base', 'then']); // prettier-ignore
  });

  it('read a field of each rule by its alias', () => {
    const aliased = 'aliases:\n  who:\n    base: user\n    other: account\n';
    const text = correlation('temporal', aliased, '[base, other]').replace('[host]', '[who]');
    expect(signalled(text, [[0, { kind: 'base', user: 'ann' }], [1, { kind: 'other', account: 'ann' }]])).toEqual(['c']); // prettier-ignore
    expect(signalled(text, [[0, { kind: 'base', user: 'ann' }], [1, { kind: 'other', account: 'bob' }]])).toEqual([]); // prettier-ignore
  });

  it.each(['30s', '1m', '2h', '7d', '1w', '1M', '1y'])('have a timespan of %s', (timespan) => {
    const { problems } = load(base + correlation('event_count', 'condition: {gte: 2}').replace('1m', timespan));
    expect(problems).toEqual([]);
  });

  it.each<[string, string]>([
    [
      correlation('value_count', 'condition: {field: [u, u], gte: 2}'),
      'correlation.condition.field: a field is there twice, got ["u","u"]',
    ],
    [
      correlation('value_sum', 'condition: {field: [u, v], gte: 2}'),
      'correlation.condition.field: value_sum reads one field, got ["u","v"]: write one rule for each',
    ],
    [
      correlation('temporal', 'condition: base and not other', '[base, other]'),
      "correlation.condition: expected a map such as {gte: 10}, got the string 'base and not other': an expression over names of rules is not supported; write one temporal rule for each combination of which all must match, or {gte: <number of rules>}; what 'not' leaves out belongs into the rules themselves",
    ],
  ])('that are not supported are problems that say so', (text, message) => {
    expect(load(base + text).problems.map((problem) => problem.message)).toEqual([message]);
  });

  it('of a reference cannot have values put in', () => {
    expect(
      load('title: t\ndetection: {s: {"a|fieldref|expand": "%admins%"}, condition: s}\n').problems.map(({ message }) => message),
    ).toEqual(['detection.s.a|fieldref|expand: modifier expand gives values, and fieldref takes the name of a field']);
  });
});
