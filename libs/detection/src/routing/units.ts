import { createHash } from 'node:crypto';
import type { CorrelationRule, RuleSet } from '../sigma/rule.js';

/**
 * Rules that are evaluated in one place. A correlation must be with the correlations that it reads and that read it; those that are counted by the same fields are besides, so that
 * an event is looked up once for all of them. Units know nothing of each other, so each can be shared out over partitions by a key of its own.
 */
export interface RuleUnit {
  /** Of the fields where one list of them is the key of all, whatever rules there are; otherwise of the rules. */
  readonly id: string;
  /** The unit as a rule set of its own. Its matcher is that of the whole set: matching is done elsewhere. */
  readonly rules: RuleSet;
  /** Position in the whole set of each detection of `rules`; those that tell what is exempt stand at the end. */
  readonly detections: readonly number[];
  /** For each of them that is counted: the fields whose values say where its matches are counted. Empty: all in one place. */
  readonly routeBy: readonly (readonly string[])[];
  /** Whether a missing field counts as empty, instead of making the match count for nothing. */
  readonly lenient: boolean;
}

/** The units of a rule set. Every window of the set is in exactly one of them. */
export function ruleUnits(rules: RuleSet): RuleUnit[] {
  const single = rules.detections.flatMap((detection, at): RuleUnit[] => {
    if (!detection.generates) return [];
    const { groupBy } = detection.episode;
    return [
      {
        id: idOf(['detection', detection.rule.id]),
        rules: { detections: [detection], correlations: [], matcher: rules.matcher },
        detections: [at],
        routeBy: [groupBy],
        lenient: true,
      },
    ];
  });
  const least = [...single, ...chains(rules.correlations).map((chain) => unitOf(chain, rules))];
  return together(least, rules).map((unit) => withExemptions(unit, rules));
}

/** Units of the same key become one. */
function together(units: readonly RuleUnit[], rules: RuleSet): RuleUnit[] {
  const byKey = new Map<string, RuleUnit[]>();
  for (const unit of units) {
    const [fields = [], ...others] = new Map(unit.routeBy.map((one) => [one.join('\n'), one])).values();
    const id = fields.length > 0 && others.length === 0 ? idOf(['key', String(unit.lenient), ...fields]) : unit.id;
    byKey.set(id, [...(byKey.get(id) ?? []), unit]);
  }
  return [...byKey].map(([id, some]) => (some.length === 1 ? { ...some[0]!, id } : oneOf(id, some, rules)));
}

function oneOf(id: string, units: readonly RuleUnit[], { correlations, matcher }: RuleSet): RuleUnit {
  const { lenient, routeBy } = units[0]!;
  const found = new Map(units.flatMap((unit) => unit.detections.map((at, i) => [at, unit.rules.detections[i]!] as const)));
  const detections = [...found.keys()].sort((one, other) => one - other);
  const chained = new Set(units.flatMap((unit) => unit.rules.correlations));
  return {
    id,
    rules: { detections: detections.map((at) => found.get(at)!), correlations: correlations.filter((one) => chained.has(one)), matcher },
    detections,
    routeBy: detections.map(() => routeBy[0]!),
    lenient,
  };
}

/** What is exempt is decided where it is counted: the detections that tell it, of exceptions and of variants, belong to every unit whose rules they speak of. */
function withExemptions(unit: RuleUnit, { detections, exemptions = [] }: RuleSet): RuleUnit {
  const ids = [...unit.rules.detections, ...unit.rules.correlations].map(({ rule }) => rule.id);
  const own = exemptions.filter(({ rules }) => rules === undefined || ids.some((id) => rules.has(id)));
  if (own.length === 0) return unit;
  const first = unit.detections.length;
  return {
    ...unit,
    detections: [...unit.detections, ...own.map(({ detection }) => detection)],
    rules: {
      ...unit.rules,
      detections: [...unit.rules.detections, ...own.map(({ detection }) => detections[detection]!)],
      exemptions: own.map((one, at) => ({ ...one, detection: first + at })),
    },
  };
}

/** Correlations that hang together by what they read, each list in the order of the set. */
function chains(correlations: readonly CorrelationRule[]): CorrelationRule[][] {
  const place = new Map(correlations.map(({ rule }, at) => [rule.id, at]));
  const root = correlations.map((_, at) => at);
  const find = (at: number): number => (root[at] === at ? at : (root[at] = find(root[at]!)));
  correlations.forEach(({ inputs }, at) => {
    for (const input of inputs) {
      const other = place.get(input);
      if (other !== undefined) root[find(other)] = find(at);
    }
  });
  const found = new Map<number, CorrelationRule[]>();
  correlations.forEach((correlation, at) => found.set(find(at), [...(found.get(find(at)) ?? []), correlation]));
  return [...found.values()];
}

function unitOf(chain: readonly CorrelationRule[], rules: RuleSet): RuleUnit {
  const ids = new Set(chain.flatMap(({ inputs }) => inputs));
  const detections = rules.detections.flatMap(({ rule }, at) => (ids.has(rule.id) ? [at] : []));
  const routes = routesOf(chain);
  const all = detections.map((at) => routes?.get(rules.detections[at]!.rule.id) ?? []);
  // One detection that cannot be routed by the common fields takes the others with it.
  const routed = routes !== undefined && all.every((fields) => fields.length > 0);
  return {
    id: idOf(['correlation', ...chain.map(({ rule }) => rule.id)]),
    rules: {
      detections: detections.map((at) => ({ ...rules.detections[at]!, generates: false })),
      correlations: chain,
      matcher: rules.matcher,
    },
    detections,
    routeBy: routed ? all : all.map(() => []),
    lenient: false,
  };
}

/**
 * By detection: the fields behind those group-by names that the whole chain has in common, seen from its tops downwards. Undefined where there are none, or where two rules want
 * the same input by different fields.
 */
function routesOf(chain: readonly CorrelationRule[]): Map<string, readonly string[]> | undefined {
  const byId = new Map(chain.map((correlation) => [correlation.rule.id, correlation]));
  const read = new Set(chain.flatMap(({ inputs }) => inputs));
  const tops = chain.filter(({ rule }) => !read.has(rule.id));
  let names = tops[0]!.groupBy.filter((name) => reaches(tops[0]!, name, byId));
  // Several tops over one input: only what all of them call by the same name.
  for (const top of tops.slice(1)) names = names.filter((name) => top.groupBy.includes(name) && reaches(top, name, byId));
  if (names.length === 0) return undefined;
  const routes = new Map<string, readonly string[]>();
  const walk = (correlation: CorrelationRule, wanted: readonly string[]): boolean =>
    correlation.inputs.every((input) => {
      const fields = wanted.map((name) => correlation.fieldOf(name, input));
      const below = byId.get(input);
      if (below) return walk(below, fields);
      const known = routes.get(input);
      if (known && known.join('\n') !== fields.join('\n')) return false;
      routes.set(input, fields);
      return true;
    });
  return tops.every((top) => walk(top, names)) ? routes : undefined;
}

/** Whether a group-by name is grouped by all the way down. */
function reaches(correlation: CorrelationRule, name: string, byId: ReadonlyMap<string, CorrelationRule>): boolean {
  if (!correlation.groupBy.includes(name)) return false;
  return correlation.inputs.every((input) => {
    const below = byId.get(input);
    return !below || reaches(below, correlation.fieldOf(name, input), byId);
  });
}

function idOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 16);
}
