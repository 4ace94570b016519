import type { CorrelationSection, RuleTypeShapes } from './correlation-section.js';
import { isContent, show, type Place } from './documents.js';

/** What a correlation says of the rule that decides which keys it counts: by name or id, before it is resolved. */
export interface GateSection {
  readonly key: 'unless' | 'when';
  readonly rule: string;
}

/** Our `unless: <rule>` or `when: <rule>` of a correlation. */
export function readGate(value: unknown, place: Place): GateSection | undefined {
  if (!isContent(value)) return undefined;
  const { unless, when } = value;
  const at = place.at('gatewatch');
  if (unless !== undefined && when !== undefined) return at.fail(`'unless' and 'when' exclude each other`);
  const key = unless === undefined ? 'when' : 'unless';
  const rule = unless ?? when;
  if (rule === undefined) return undefined;
  return typeof rule === 'string' ? { key, rule } : at.at(key).fail(`expected the name of a rule of type crowd, got ${show(rule)}`);
}

/** A correlation with its gate as the last of the rules that it reads. */
export function withGate(section: CorrelationSection, gate: GateSection | undefined): CorrelationSection {
  return gate ? { ...section, rules: [...section.rules, gate.rule] } : section;
}

/** Whether what `unless` or `when` names, the last of `read`, can be asked of the keys of a rule. `read` are the sections of correlations; of detections there are none. */
export function isGate(
  { groupBy }: CorrelationSection,
  { gate, read, types }: { gate: GateSection; read: readonly (CorrelationSection | undefined)[]; types: RuleTypeShapes },
  place: Place,
): boolean {
  const at = place.at('gatewatch', gate.key);
  const named = read.at(-1);
  if (!named || !types[named.type]?.isState) {
    const fitting = Object.keys(types).filter((type) => types[type]!.isState);
    return at.fail(`'${gate.rule}' is no correlation of type ${fitting.join(' or ')}`) ?? false;
  }
  const foreign = named.groupBy.find((name) => !groupBy.includes(name));
  if (foreign !== undefined) return at.fail(`'${gate.rule}' groups by ${foreign}, which this rule does not group by`) ?? false;
  if (read.slice(0, -1).every((section) => section === undefined)) return true;
  return at.fail(`this rule reads a correlation: write '${gate.key}' there, where events are counted`) ?? false;
}

/** Where the i-th of the rules that a correlation reads is named. */
export function namedAt(
  i: number,
  { gate, section, place }: { gate?: GateSection | undefined; section: CorrelationSection; place: Place },
): Place {
  const at = place.at('correlation', 'rules');
  if (gate && i === section.rules.length - 1) return place.at('gatewatch', gate.key);
  return section.rules.length - (gate ? 1 : 0) > 1 ? at.at(i) : at;
}
