import type { SignalRule } from '#ecs';
import type { Expression } from './expression.js';
import { Place, type Content } from './documents.js';
import { didYouMean } from './nearest.js';
import type { CorrelationRule, DetectionRule, Exemption, RuleProblem, RuleSet } from './rule.js';
import type { Carved } from './tune.js';
import type { RuleException } from './tuning.js';

/** Events that do not count for some rules, before the rules are known by number. */
export interface Exempt {
  readonly expression: Expression;
  /** Ids or names; absent: all. */
  readonly rules?: readonly string[];
  readonly exception?: RuleException;
  readonly at: string;
}

interface Reading {
  compile(when: Content, place: Place): Expression | undefined;
  readonly problems: RuleProblem[];
}

/** Exceptions of the operator, and what variants of rules judge instead of these. */
export function readExempt(exceptions: readonly RuleException[], carved: readonly Carved[], { compile, problems }: Reading): Exempt[] {
  const read = (when: Content, at: string): Expression | undefined =>
    compile(when, new Place({ file: 'detection', position: 0, content: {}, lineOf: () => 0 }, problems).at(at));
  const own = exceptions.flatMap((exception, i): Exempt[] => {
    const at = `exceptions[${i}]`;
    if (exceptions.findIndex(({ name }) => name === exception.name) < i)
      problems.push({ file: 'detection', line: 0, message: `${at}.name: '${exception.name}' is the name of another exception` });
    const expression = read(exception.when, at);
    return expression ? [{ expression, exception, at, ...(!exception.rules.includes('all') && { rules: exception.rules }) }] : [];
  });
  const variants = carved.flatMap(({ rule, when }): Exempt[] => {
    const expression = read(when, `override of ${rule}`);
    return expression ? [{ expression, rules: [rule], at: `override of ${rule}` }] : [];
  });
  return [...own, ...variants];
}

/** A detection that no rule reads: it tells which events an exemption speaks of. */
export function exemptDetection({ exception, at }: Exempt): DetectionRule {
  const name = exception?.name ?? at;
  const rule = { version: '1', level: 'informational' as const, techniques: [], tags: [], references: [], falsePositives: [] };
  return {
    kind: 'detection',
    rule: { ...rule, id: `exempt/${name}`, title: `Exempt: ${name}`, type: 'detection', asks: 'one match' },
    origin: { file: 'detection', line: 1 },
    logsource: {},
    generates: false,
    episode: { groupBy: [], timespan: 1 },
  };
}

/** The exemption of rules by their ids. Steps that only these rules read are exempt with them. */
export function exemption(
  { rules: names, exception, at }: Exempt,
  detection: number,
  { rules, problems }: { rules: Pick<RuleSet, 'detections' | 'correlations'>; problems: RuleProblem[] },
): Exemption {
  const told = exception && { name: exception.name, owner: exception.owner, reason: exception.reason };
  const until = exception ? Date.parse(exception.expires) : Infinity;
  if (!names) return { ...told, detection, until };
  const all = [...rules.detections, ...rules.correlations];
  const known = (name: string) => all.filter(({ rule }) => rule.id === name || rule.name === name).map(({ rule }) => rule.id);
  const ids = new Set<string>();
  for (const name of names) {
    const found = known(name);
    for (const id of found) ids.add(id);
    if (found.length === 0 && exception) {
      const hint = didYouMean(name, all.flatMap(({ rule }) => rule.name ?? [])); // prettier-ignore
      problems.push({ file: 'detection', line: 0, message: `${at}.rules: no rule has the id or name '${name}'${hint}` });
    }
  }
  // A rule stands after all that it reads: from the last to the first, steps are reached after their readers.
  for (const { rule, inputs: read, gate } of [...rules.correlations].reverse()) {
    if (!ids.has(rule.id)) continue;
    // What a rule asks by `unless` or `when` is no step of it: it tells of a key, whatever does not count for the rule.
    const inputs = gate ? read.slice(0, -1) : read;
    for (const step of rules.correlations.filter(({ rule: { id }, generates }) => inputs.includes(id) && !generates)) {
      const others = rules.correlations.filter((other) => other.inputs.includes(step.rule.id) && !ids.has(other.rule.id));
      if (others.length === 0) ids.add(step.rule.id);
      else problems.push({ file: 'detection', line: 0, message: `${at}: ${sharedStep(rule, step.rule, others)}` });
    }
  }
  return { ...told, detection, until, rules: ids };
}

function sharedStep(rule: SignalRule, step: SignalRule, others: readonly CorrelationRule[]): string {
  const name = ({ name, id }: SignalRule): string => `'${name ?? id}'`;
  return `${name(rule)} shares its step ${name(step)} with ${others.map(({ rule }) => name(rule)).join(', ')}: name all of them`;
}
