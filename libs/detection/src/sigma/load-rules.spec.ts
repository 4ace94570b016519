import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules, type LoadedRules } from './load-rules.js';
import { readPipelines, shippedPipelines } from './pipelines.js';

function load(...texts: string[]): LoadedRules {
  return loadRules(
    texts.map((text, i) => ({ file: `${'abc'[i]}.yml`, text })),
    { index: new FieldIndex(), ruleTypes },
  );
}

const problems = (...texts: string[]): string[] => load(...texts).problems.map(({ file, line, message }) => `${file}:${line} ${message}`);

const failed = `title: Failed login
id: 3f0f2c3a-0000-4000-8000-000000000001
name: failed_login
level: low
tags: [attack.credential-access, attack.t1110.001, owasp.api2]
detection:
  selection: {event.outcome: failure}
  condition: selection
`;
const correlation = (body: string, heading = 'title: Burst\nid: burst'): string =>
  `${heading}\ncorrelation:\n${body.replace(/^/gm, '  ')}\n`;
const burst = correlation('type: event_count\nrules: [failed_login]\ngroup-by: [source.ip]\ntimespan: 5m\ncondition: {gt: 9}');

describe('loading rules', () => {
  it('gives a detection its heading, and an episode of 15 minutes by address', () => {
    const [rule] = load(failed).rules.detections;
    expect(rule).toMatchObject({
      kind: 'detection',
      origin: { file: 'a.yml', line: 1 },
      generates: true,
      episode: { groupBy: ['source.ip'], timespan: 900_000 },
      rule: {
        title: 'Failed login',
        name: 'failed_login',
        level: 'low',
        techniques: ['T1110.001'],
        tags: ['attack.credential-access', 'owasp.api2'],
        type: 'detection',
      },
    });
  });

  it('resolves a correlation by name, takes gt as gte, and silences what it reads', () => {
    const { rules } = load(burst, failed);
    expect(rules.correlations[0]).toMatchObject({
      type: 'event_count',
      inputs: ['3f0f2c3a-0000-4000-8000-000000000001'],
      threshold: 10,
      timespan: 300_000,
      rule: { asks: '10 in 5m' },
    });
    expect(rules.detections[0]?.generates).toBe(false);
  });

  it('orders a chain of correlations and resolves aliases per input', () => {
    const chain = correlation(
      `type: temporal_ordered\nrules: [burst, failed_login]\ngroup-by: [who]\ntimespan: 1h\ngenerate: true\naliases: {who: {burst: source.ip, failed_login: client.ip}}`,
      'title: Chain\nid: chain',
    );
    const { rules, problems: found } = load(chain, burst, failed);
    expect(found).toEqual([]);
    expect(rules.correlations.map(({ rule }) => rule.id)).toEqual(['burst', 'chain']);
    const last = rules.correlations[1]!;
    expect([last.fieldOf('who', 'burst'), last.fieldOf('who', last.inputs[1]!), last.fieldOf('user.id', 'burst')]).toEqual([
      'source.ip',
      'client.ip',
      'user.id',
    ]);
    expect([rules.correlations[0]?.generates, rules.detections[0]?.generates]).toEqual([true, true]);
  });

  it('changes the version with the meaning and not with the words', () => {
    const version = (...texts: string[]): string => load(...texts).rules.correlations[0]!.rule.version;
    const before = version(burst, failed);
    expect(version(burst.replace('Burst', 'Flood'), failed.replace('low', 'high'))).toBe(before);
    expect(version(burst.replace('9', '8'), failed)).not.toBe(before);
    expect(version(burst, failed.replace('failure', 'unknown'))).not.toBe(before);
  });

  it('takes settings of our own types beside the timespan', () => {
    const { rules } = load(correlation('type: geo_velocity\nrules: [failed_login]\ngroup-by: [user.id]\ntimespan: 3h\nspeed: 900'), failed);
    expect(rules.correlations[0]?.settings).toMatchObject({ speed: 900, distance: 500 });
  });

  it('adds a filter to the rules that it names', () => {
    const filter = `title: Not ours\nfilter:\n  rules: [failed_login]\n  ours: {source.ip|cidr: 10.0.0.0/8}\n  condition: not ours\n`;
    const index = new FieldIndex();
    const { rules } = loadRules([{ file: 'a.yml', text: `${failed}---\n${filter}` }], { index, ruleTypes });
    const event = (ip: string) => {
      const values = new Array<string | undefined>(index.size).fill(undefined);
      values[index.slot('event.outcome')] = 'failure';
      values[index.slot('source.ip')] = ip;
      return rules.matcher.match(values, new Int32Array(1));
    };
    expect([event('10.1.1.1'), event('192.0.2.1')]).toEqual([0, 1]);
  });

  it('gives the content of a global document to those after it, and ids by file where there are none', () => {
    const { rules, problems: found } = load(
      `action: global\nlevel: high\ndetection: {condition: s}\n---\ntitle: A\ndetection: {s: {a: 1}}\n---\ntitle: B\ndetection: {s: {a: 2}}\n`,
    );
    expect(found).toEqual([]);
    expect(rules.detections.map(({ rule }) => [rule.id, rule.level])).toEqual([
      ['a-2', 'high'],
      ['a-3', 'high'],
    ]);
  });
});

describe('field mapping', () => {
  const index = new FieldIndex();
  const web = 'title: Web\nid: web\nlogsource: {category: webserver}\ndetection: {s: {cs-method: PUT, sc-status: 200}, condition: s}\n';
  const loaded = (text: string, own = '') => {
    const { pipelines, problems: found } = readPipelines([{ file: 'own.yml', text: own }]);
    expect(found).toEqual([]);
    return loadRules([{ file: 'a.yml', text }], { index, ruleTypes, pipelines: [...pipelines, ...shippedPipelines()] });
  };

  it('translates the taxonomy of the log source, and nothing where it is not asked for', () => {
    expect(loaded(web).rules.matcher.fields).toEqual(['http.request.method', 'http.response.status_code']);
    expect(load(web).rules.matcher.fields).toEqual(['cs-method', 'sc-status']);
    expect(loaded(web.replace('title: Web', 'title: Web\ntaxonomy: ecs')).rules.matcher.fields).toEqual(['cs-method', 'sc-status']);
  });

  it('takes a field from the user first, and adds what the log source asks of events', () => {
    const own = 'name: mine\nlogsources:\n  - category: webserver\nfields:\n  cs-method: my.method\nwhere:\n  event.dataset: mine\n';
    expect(loaded(web, own).rules.matcher.fields).toEqual(['my.method', 'http.response.status_code', 'event.dataset']);
  });

  it('reaches correlations, by the log source of their inputs', () => {
    const other = web
      .replaceAll('web', 'okta')
      .replace('category: oktaserver', 'product: okta')
      .replace('cs-method: PUT, sc-status: 200', 'eventType: x');
    const both = correlation('type: temporal\nrules: [web, okta]\ngroup-by: [c-ip, client.ipAddress]\ntimespan: 5m');
    const { rules, problems: found } = loaded(`${web}---\n${other}---\n${both}`);
    expect(found).toEqual([]);
    const [rule] = rules.correlations;
    expect(rule!.groupBy.map((name) => rule!.inputs.map((input) => rule!.fieldOf(name, input)))).toEqual([
      ['source.ip', 'c-ip'],
      ['client.ipAddress', 'source.ip'],
    ]);
  });

  it('refuses a taxonomy that no pipeline knows', () => {
    expect(loaded(web.replace('id: web', 'taxonomy: ocsf')).problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "2 taxonomy: taxonomy 'ocsf' is unknown: give a pipeline with `taxonomy: ocsf`",
    ]);
  });

  it('names what is wrong with a pipeline', () => {
    expect(readPipelines([{ file: 'p.yml', text: 'name: p\nfeilds: {a: b}\nfields: {a: b}\n' }]).problems).toEqual([
      { file: 'p.yml', line: 2, message: "feilds: unknown key 'feilds': did you mean 'fields'?" },
    ]);
  });
});

describe('a problem', () => {
  const rule = (detection: string): string => `title: T\nid: t\ndetection:\n${detection.replace(/^/gm, '  ')}\n`;
  it.each<[string, string[]]>([
    [
      rule('s:\n  url.path|contians: x\ncondition: s'),
      ["a.yml:5 detection.s.url.path|contians: unknown modifier 'contians': did you mean 'contains'?"],
    ],
    [
      rule('selection: {a: 1}\nother: {b: 1}\ncondition: selecton'),
      ["a.yml:6 detection.condition: unknown selection 'selecton': did you mean 'selection'?"],
    ],
    [rule('s: {a: 1}'), ["a.yml:3 detection: 'condition' is missing, so this is no Sigma detection"]],
    [rule('s: {a: 1}\ncondition: s and (s'), ["a.yml:5 detection.condition: a ')' is missing"]],
    [
      rule('s: {a: 1}\ncondition: s | count() > 5'),
      ["a.yml:5 detection.condition: '|' begins an aggregation of Sigma 1, which correlations replaced: write a correlation rule"],
    ],
    [
      rule('s:\n  a|cidr: [10.0.0.0/8, 10.0.0.0/99]\ncondition: s'),
      ["a.yml:5 detection.s.a|cidr.1: cidr takes a network such as '10.0.0.0/8' or '2001:db8::/32', got '10.0.0.0/99'"],
    ],
    [rule('s: {a|gte: many}\ncondition: s'), ["a.yml:4 detection.s.a|gte: gte takes a number, got 'many'"]],
    [
      rule('s: {a|expand: "%admins%"}\ncondition: s'),
      ['a.yml:4 detection.s.a|expand: placeholder %admins% has no values: give them under `placeholders`'],
    ],
    [
      rule('s: {a|contains|startswith: x}\ncondition: s'),
      ['a.yml:4 detection.s.a|contains|startswith: modifiers contains and startswith exclude each other'],
    ],
    ['title: T\nlevel: hihg\ndetection: {s: {a: 1}, condition: s}', ["a.yml:2 level: unknown level 'hihg': did you mean 'high'?"]],
    [
      'title: T\ndetecton: {s: {a: 1}, condition: s}',
      ["a.yml:1 neither 'detection', 'correlation' nor 'filter' is there: is 'detecton' meant to be 'detection'?"],
    ],
    [
      'title: T\ngatewatch: {timspan: 5m}\ndetection: {s: {a: 1}, condition: s}',
      ["a.yml:2 gatewatch.timspan: unknown key 'timspan': did you mean 'timespan'?"],
    ],
    ['- a\n- b', ['a.yml:1 a rule is a map of keys, this document is a list']],
  ])('in %j names the place, the value and the remedy', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it.each<[string, string[]]>([
    [
      'type: event_cuont\nrules: [failed_login]\ntimespan: 5m',
      ["a.yml:4 correlation.type: unknown correlation type 'event_cuont': did you mean 'event_count'?"],
    ],
    [
      'type: value_sum\nrules: [failed_login]\ntimespan: 5m',
      ["a.yml:3 correlation: 'condition' is missing, expected for example {gte: 10}"],
    ],
    [
      'type: value_mean\nrules: [failed_login]\ntimespan: 5m',
      ["a.yml:4 correlation.type: unknown correlation type 'value_mean': did you mean 'value_min'?"],
    ],
    [
      'type: event_count\nrules: [failed_login]\ntimespan: 5m\ncondition: {gt: 5, lt: 6}',
      ['a.yml:7 correlation.condition: > 5 and < 6 can never be true: a window begins with an event, so the least is 1'],
    ],
    [
      'type: temporal\nrules: [failed_login, 3f0f2c3a-0000-4000-8000-000000000001]\ntimespan: 5m\ncondition: {gte: 3}',
      ['a.yml:7 correlation.condition: there are 2 rules, so 3 of them can never match'],
    ],
    [
      'type: temporal\nrules: [failed_login, 3f0f2c3a-0000-4000-8000-000000000001]\ntimespan: 5m\ncondition: failed_login and not other',
      [
        "a.yml:7 correlation.condition: expected a map such as {gte: 10}, got the string 'failed_login and not other': an expression over names of rules is not supported; write one temporal rule for each combination of which all must match, or {gte: <number of rules>}; what 'not' leaves out belongs into the rules themselves",
      ],
    ],
    [
      'type: event_count\nrules: [failed_logon]\ntimespan: 5m\ncondition: {gte: 3}',
      ["a.yml:5 correlation.rules: no rule has the id or name 'failed_logon': did you mean 'failed_login'?"],
    ],
    [
      'type: event_count\nrules: [failed_login]\ncondition: {gte: 3}',
      ["a.yml:3 correlation: 'timespan' is missing, expected a duration such as '5m'"],
    ],
    [
      'type: event_count\nrules: [failed_login]\ntimespan: 5 minutes\ncondition: {lt: 3, gtt: 1}',
      [
        "a.yml:6 correlation.timespan: expected a duration such as '30s', '5m' or '1h', got '5 minutes'",
        "a.yml:7 correlation.condition.gtt: unknown condition 'gtt': did you mean 'gt'?",
      ],
    ],
    [
      'type: value_count\nrules: [failed_login]\ntimespan: 5m\ncondition: {gte: 3}',
      ['a.yml:7 correlation.condition: value_count needs the name of a field, for example {field: user.name}, got undefined'],
    ],
    [
      'type: value_count\nrules: [failed_login]\ntimespan: 5m\ncondition: {gte: 3, field: [user.name, 5]}',
      ['a.yml:7 correlation.condition: value_count needs the name of a field, for example {field: user.name}, got ["user.name",5]'],
    ],
    [
      'type: geo_velocity\nrules: [failed_login]\ntimespan: 5m\nsped: 5',
      ["a.yml:7 correlation.sped: unknown key 'sped': did you mean 'speed'?"],
    ],
    [
      'type: temporal\nrules: [failed_login, burst]\ntimespan: 5m',
      ['a.yml:5 correlation.rules: rules refer to each other in a circle: burst → burst'],
    ],
  ])('of a correlation %j is named', (body, expected) => {
    expect(problems(correlation(body), failed)).toEqual(expected);
  });

  it('in one rule keeps no other from loading, and all are told at once', () => {
    const { rules, problems: found } = load(failed, rule('s: {a|bad: 1, b|worse: 2}\ncondition: s'), burst);
    expect(found).toHaveLength(2);
    expect([rules.detections.length, rules.correlations.length]).toEqual([1, 1]);
  });

  it('in a rule is told of the correlations that read it', () => {
    expect(problems(burst, failed.replace('selection:', 'selektion:'))).toEqual([
      "a.yml:5 correlation.rules: rule '3f0f2c3a-0000-4000-8000-000000000001', which this one reads, has problems itself",
      "b.yml:8 detection.condition: unknown selection 'selection': did you mean 'selektion'?",
    ]);
  });

  it('is reported for a name or id that is there twice', () => {
    expect(problems(failed, failed)).toEqual(["b.yml:2 id: id '3f0f2c3a-0000-4000-8000-000000000001' is there twice"]);
  });
});
