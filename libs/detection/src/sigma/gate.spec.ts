import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules, type LoadedRules } from './load-rules.js';

const texts = (gate: string, { groupBy = '[source.ip]', reads = 'failed' } = {}): string => `
title: Failed
name: failed
id: 5f1e3c0a-0000-4000-8000-000000000001
detection: { selection: { event.outcome: failure }, condition: selection }
---
title: Did well
name: well
id: 5f1e3c0a-0000-4000-8000-000000000002
detection: { selection: { event.outcome: success }, condition: selection }
---
title: Shared
name: office
id: 5f1e3c0a-0000-4000-8000-000000000003
correlation: { type: crowd, rules: [well], group-by: [source.ip], timespan: 7d, condition: { field: user.name, gte: 10 } }
---
title: Twice
name: twice
id: 5f1e3c0a-0000-4000-8000-000000000004
correlation: { type: event_count, rules: [failed], group-by: [source.ip], timespan: 5m, condition: { gte: 2 }, generate: true }
---
title: Burst
name: burst
id: 5f1e3c0a-0000-4000-8000-000000000005
correlation: { type: event_count, rules: [${reads}], group-by: ${groupBy}, timespan: 5m, condition: { gte: 9 } }
gatewatch: ${gate}
`;

const load = (...args: Parameters<typeof texts>): LoadedRules =>
  loadRules([{ file: 'r.yml', text: texts(...args) }], { index: new FieldIndex(), ruleTypes });
const burstOf = ({ rules }: LoadedRules) => rules.correlations.find(({ rule }) => rule.name === 'burst');

describe('unless and when', () => {
  it.each(['unless', 'when'])('%s: the rule named is read, tells nothing itself, and is said with what is asked', (key) => {
    const loaded = load(`{ ${key}: office }`);
    expect(loaded.problems).toEqual([]);
    const office = loaded.rules.correlations.find(({ rule }) => rule.name === 'office')!;
    expect(burstOf(loaded)).toMatchObject({
      inputs: ['5f1e3c0a-0000-4000-8000-000000000001', office.rule.id],
      gate: { rule: office.rule.id, when: key === 'when' },
      rule: { asks: `9 in 5m, ${key} office` },
    });
    expect(office.generates).toBe(false);
  });

  it('change the version of a rule', () => {
    const versions = ['{ unless: office }', '{ when: office }', '{ enabled: true }'].map((gate) => burstOf(load(gate))!.rule.version);
    expect(new Set(versions).size).toBe(3);
  });

  it.each([
    ['{ unless: nobody }', {}, "gatewatch.unless: no rule has the id or name 'nobody'"],
    ['{ unless: failed }', {}, "gatewatch.unless: 'failed' is no correlation of type crowd"],
    ['{ when: twice }', {}, "gatewatch.when: 'twice' is no correlation of type crowd"],
    ['{ unless: office }', { groupBy: '[user.name]' }, "gatewatch.unless: 'office' groups by source.ip, which this rule does not group by"],
    [
      '{ unless: office }',
      { reads: 'twice' },
      "gatewatch.unless: this rule reads a correlation: write 'unless' there, where events are counted",
    ],
    ['{ unless: office, when: office }', {}, "gatewatch: 'unless' and 'when' exclude each other"],
    ['{ unless: [office] }', {}, 'gatewatch.unless: expected the name of a rule of type crowd, got ["office"]'],
  ])('%s %o is refused', (gate, over, message) => {
    expect(load(gate, over).problems.map((problem) => problem.message)).toEqual([message]);
  });
});
