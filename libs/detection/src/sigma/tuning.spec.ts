import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { Timeline } from '#testkit';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules, type LoadedRules } from './load-rules.js';
import { ruleTuning } from './tuning.js';
import type { z } from 'zod';

const file = `
title: Refused
name: refused
id: 5f1e3c0a-0000-4000-8000-000000000001
detection: { selection: { event.outcome: failure }, condition: selection }
---
title: Refusals
name: refusals
id: 5f1e3c0a-0000-4000-8000-000000000002
level: medium
correlation: { type: event_count, rules: [refused], group-by: [source.ip], timespan: 1m, condition: { gte: 4 } }
gatewatch:
  sensitivity: { strict: { gte: 2 }, quiet: { gte: 8, level: low } }
---
title: First step
name: step
id: 5f1e3c0a-0000-4000-8000-000000000003
correlation: { type: event_count, rules: [refused], group-by: [source.ip], timespan: 1m, condition: { gte: 3 } }
---
title: Chain
name: chain
id: 5f1e3c0a-0000-4000-8000-000000000004
correlation: { type: temporal_ordered, rules: [step, accepted], group-by: [source.ip], timespan: 5m }
---
title: Accepted
name: accepted
id: 5f1e3c0a-0000-4000-8000-000000000005
detection: { selection: { event.outcome: success }, condition: selection }
`;

type Given = z.input<typeof ruleTuning>;

function load(given: Given, text = file): { loaded: LoadedRules; index: FieldIndex } {
  const index = new FieldIndex();
  return { index, loaded: loadRules([{ file: 'r.yml', text }], { index, ruleTypes, tuning: ruleTuning.parse(given) }) };
}

/** Five refusals in a service and a success: what fires, and what exceptions kept from counting. */
function play(given: Given, service = 'shop', restart = false): { signals: unknown[]; excepted: Readonly<Record<string, number>> } {
  const { index, loaded } = load(given);
  expect(loaded.problems).toEqual([]);
  const run = new Timeline(loaded.rules, { index });
  const fields = { 'source.ip': '203.0.113.7', 'service.name': service };
  for (let i = 0; i < 5; i++) {
    run.event(`${i}s`, { ...fields, 'event.outcome': 'failure' });
    if (restart) run.restart();
  }
  run.event('9s', { ...fields, 'event.outcome': 'success' }).finish();
  const signals = run.all().map(({ rule, count }) => `${rule.name} ${rule.level} ${count}`);
  return { signals: signals.sort(), excepted: run.detector.counts().excepted };
}

const chain = 'chain medium 2';

describe('sensitivity', () => {
  it('takes what the rule file says for it, and the rule as it is where it says nothing', () => {
    expect(play({}).signals).toEqual([chain, 'refusals medium 5']);
    expect(play({ sensitivity: 'quiet' }).signals).toEqual([chain]);
    expect(load({ sensitivity: 'strict' }).loaded.rules.correlations[0]!.threshold).toBe(2);
  });

  it('is another version of the rule, so that state of one is not taken for the other', () => {
    const versions = (['strict', 'balanced', 'quiet'] as const).map(
      (sensitivity) => load({ sensitivity }).loaded.rules.correlations[0]!.rule.version,
    );
    expect(new Set(versions).size).toBe(3);
  });

  it('names what a rule file says wrongly', () => {
    const { loaded } = load({}, file.replace('quiet:', 'calm:').replace('gte: 2', 'gte: many'));
    expect(loaded.problems.map(({ message }) => message)).toEqual([
      'gatewatch.sensitivity.strict.gte: Invalid input: expected number, received string',
      "gatewatch.sensitivity.calm: unknown sensitivity 'calm', expected strict or quiet; balanced is what the rule itself says",
    ]);
  });
});

describe('an override', () => {
  it('changes threshold, timespan and level of a rule', () => {
    expect(play({ overrides: [{ rule: 'refusals', gte: 5, level: 'critical' }] }).signals).toEqual([chain, 'refusals critical 5']);
    expect(play({ overrides: [{ rule: 'refusals', gte: 6 }] }).signals).toEqual([chain]);
    expect(play({ overrides: [{ rule: 'refusals', timespan: '2s' }] }).signals).toEqual([chain]);
  });

  it('turns a rule off without taking it from those that read it', () => {
    expect(play({ overrides: [{ rule: ['chain', 'refusals'], enabled: false }] }).signals).toEqual([]);
    const { loaded } = load({ overrides: [{ rule: 'chain', enabled: false }] });
    expect(loaded.rules.correlations.map(({ rule }) => rule.name)).not.toContain('chain');
  });

  it('for one service alone leaves the rule as it is for the others', () => {
    const overrides = [{ rule: 'refusals', when: { 'service.name': 'shop' }, gte: 9 }];
    expect(play({ overrides }).signals).toEqual([chain]);
    expect(play({ overrides }, 'bank').signals).toEqual([chain, 'refusals medium 5']);
    const lower = [{ rule: 'refusals', when: { 'service.name': 'shop' }, gte: 2, level: 'low' as const }];
    expect(play({ overrides: lower }).signals).toEqual([chain, 'refusals low 5']);
    expect(play({ overrides: lower }, 'bank').signals).toEqual([chain, 'refusals medium 5']);
    expect(play({ overrides: [{ rule: 'chain', when: { 'service.name': 'shop' }, enabled: false }] }).signals).toEqual([
      'refusals medium 5',
    ]);
  });

  it('of a rule that is not there is a problem with a proposal', () => {
    expect(load({ overrides: [{ rule: 'refusal', gte: 3 }] }).loaded.problems.map(({ message }) => message)).toEqual([
      "overrides[0].rule: no rule has the id or name 'refusal': did you mean 'refusals'?",
    ]);
  });
});

describe('an exception', () => {
  const base = { name: 'load-test', owner: 'ops', reason: 'test', expires: '2026-02-01' };

  it('keeps events from counting for its rules, chains and their steps too, and that is counted', () => {
    const found = play({ exceptions: [{ ...base, rules: 'refusals', when: { 'source.ip|cidr': '203.0.113.0/24' } }] });
    expect(found).toEqual({ signals: [chain], excepted: { 'load-test': 5 } });
    expect(play({ exceptions: [{ ...base, rules: ['chain', 'refusals'], when: { 'service.name': 'shop' } }] }).signals).toEqual([]);
    expect(play({ exceptions: [{ ...base, rules: 'all', when: { 'service.name': 'shop' } }] }).signals).toEqual([]);
  });

  it('of one rule leaves what it asks by `unless` to the others that ask it', () => {
    const gated = `${file.replace('gatewatch:\n', 'gatewatch:\n  unless: many\n')}---
title: Many
name: many
id: 5f1e3c0a-0000-4000-8000-000000000006
correlation: { type: crowd, rules: [accepted], group-by: [source.ip], timespan: 1h, condition: { field: user.name, gte: 3 } }
---
title: Others
name: others
id: 5f1e3c0a-0000-4000-8000-000000000007
level: low
correlation: { type: event_count, rules: [refused], group-by: [source.ip], timespan: 1m, condition: { gte: 4 } }
gatewatch: { unless: many }
`;
    const when = { 'service.name': 'shop' };
    for (const given of [{ exceptions: [{ ...base, rules: 'refusals', when }] }, { overrides: [{ rule: 'refusals', when, gte: 9 }] }])
      expect(load(given, gated).loaded.problems).toEqual([]);
  });

  it('of a chain whose step others read too names all of these', () => {
    const other = (nth: number): string => `---
title: Chain ${nth}
name: chain_${nth}
id: 5f1e3c0a-0000-4000-8000-00000000001${nth}
correlation: { type: temporal, rules: [step, accepted], group-by: [source.ip], timespan: 5m }
`;
    const exceptions = [{ ...base, rules: 'chain', when: { 'service.name': 'shop' } }];
    expect(load({ exceptions }, file + other(1) + other(2)).loaded.problems.map(({ message }) => message)).toEqual([
      "exceptions[0]: 'chain' shares its step 'step' with 'chain_1', 'chain_2': name all of them",
    ]);
  });

  it('speaks of nothing else', () => {
    const exceptions = [{ ...base, rules: 'all', when: { 'service.name': 'bank' } }];
    expect(play({ exceptions })).toEqual({ signals: [chain, 'refusals medium 5'], excepted: { 'load-test': 0 } });
  });

  it('ends at its time, by the clock of the events', () => {
    const exceptions = [{ ...base, rules: 'refusals', when: { 'service.name': 'shop' }, expires: '2026-01-15T12:00:02Z' }];
    expect(play({ exceptions })).toEqual({ signals: [chain], excepted: { 'load-test': 2 } });
    expect(play({ exceptions: [{ ...exceptions[0]!, expires: '2026-01-15' }] }).signals).toEqual([chain, 'refusals medium 5']);
  });

  it('is counted over restarts', () => {
    const exceptions = [{ ...base, rules: 'refusals', when: { 'service.name': 'shop' } }];
    expect(play({ exceptions }, 'shop', true).excepted).toEqual({ 'load-test': 5 });
  });

  it('needs an owner, a reason, an end, and rules that are there', () => {
    const { error } = ruleTuning.safeParse({ exceptions: [{ name: 'x', rules: 'refusals', when: { a: 1 }, expires: 'soon' }] });
    expect(error!.issues.map(({ path }) => path.at(-1))).toEqual(['owner', 'reason', 'expires']);
    const unknown = load({ exceptions: [{ ...base, rules: 'refusal', when: { a: 1 } }] });
    expect(unknown.loaded.problems[0]!.message).toContain("exceptions[0].rules: no rule has the id or name 'refusal'");
    const wrong = load({ exceptions: [{ ...base, rules: 'all', when: { 'a|contians': 1 } }] });
    expect(wrong.loaded.problems[0]!.message).toContain("unknown modifier 'contians'");
  });
});
