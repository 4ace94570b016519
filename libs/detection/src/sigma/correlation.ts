import { formatDuration, parseDuration, type Millis } from '#time';
import { isContent, kindOf, show, type Content, type Place } from './documents.js';
import { criteria, describeBounds, hasUpper, readBounds, type Bounds } from './bounds.js';
import type { CorrelationSection, RuleTypeShape, RuleTypeShapes } from './correlation-section.js';
import type { GateSection } from './gate.js';
import { didYouMean, slipFor } from './nearest.js';
import { readText, readTexts } from './signal-rule.js';

const ownKeys = new Set(['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate']);
/** Reads a `correlation` section; `undefined` when a problem was noted, of which all are. */
export function readCorrelation(content: Content, types: RuleTypeShapes, place: Place): CorrelationSection | undefined {
  const section = content['correlation'];
  if (!isContent(section)) return place.at('correlation').fail(`expected a map, got ${kindOf(section)}`);
  const at = place.at('correlation');
  const type = readType(section['type'], types, at);
  const timespan = readTimespan(section['timespan'], at.at('timespan'), at);
  const rules = readTexts(section['rules'], at.at('rules'));
  if (rules.length === 0) at.fail(`'rules' is missing${slipFor('rules', Object.keys(section))}, expected ids or names of rules`);
  else if (type) checkInputs(type, types[type]!, rules.length, at.at('rules'));
  const aliases = readAliases(section['aliases'], rules, at.at('aliases'));
  const generate = readGenerate(section['generate'] ?? content['generate'], at.at('generate'));
  const groupBy = readTexts(section['group-by'], at.at('group-by'));
  if (!type) return undefined;
  const condition = readCondition(section['condition'], { type, shape: types[type]!, rules: rules.length }, at);
  const own = readSettings(section, types[type]!, at);
  const settings = own && {
    ...own,
    ...(condition?.bounds && { bounds: condition.bounds }),
    ...(condition?.least && { least: condition.least }),
  };
  if (timespan === undefined || rules.length === 0 || !aliases || generate === undefined || !condition || !settings) return undefined;
  const { threshold, field, otherFields } = condition;
  return { type, rules, groupBy, aliases, timespan, threshold, field, ...(otherFields && { otherFields }), settings, generate };
}

function checkInputs(type: string, { leastInputs = 1 }: RuleTypeShapes[string], inputs: number, place: Place): void {
  if (inputs < leastInputs && !type.startsWith('temporal')) place.fail(`${type} reads ${leastInputs} rules, got ${inputs}`);
}

function readType(value: unknown, types: RuleTypeShapes, place: Place): string | undefined {
  const known = Object.keys(types);
  if (value === undefined) return place.fail(`'type' is missing, expected one of ${known.join(', ')}`);
  if (typeof value === 'string' && Object.hasOwn(types, value)) return value;
  const at = place.at('type');
  const oneOf = `expected one of ${known.join(', ')}`;
  return at.fail(`unknown correlation type ${show(value)}${didYouMean(show(value), known) || `, ${oneOf}`}`);
}

/** A duration such as `15m`, in milliseconds. */
export function readTimespan(value: unknown, place: Place, parent: Place): Millis | undefined {
  if (value === undefined) return parent.fail(`'timespan' is missing, expected a duration such as '5m'`);
  const millis = typeof value === 'string' ? parseDuration(value) : undefined;
  if (millis === undefined || millis <= 0) return place.fail(`expected a duration such as '30s', '5m' or '1h', got ${show(value)}`);
  return millis;
}

function readGenerate(value: unknown, place: Place): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  return place.fail(`expected true or false, got ${show(value)}`);
}

function readAliases(value: unknown, rules: readonly string[], place: Place): CorrelationSection['aliases'] | undefined {
  if (value === undefined) return {};
  if (!isContent(value)) return place.fail(`expected a map of aliases, got ${kindOf(value)}`);
  const aliases: Record<string, Record<string, string>> = {};
  let whole = true;
  for (const [alias, fields] of Object.entries(value)) {
    aliases[alias] = {};
    if (!isContent(fields)) whole = !!place.at(alias).fail(`expected a map of rule and field, got ${kindOf(fields)}`);
    for (const [rule, field] of Object.entries(isContent(fields) ? fields : {})) {
      const name = readText(field, place.at(alias, rule));
      if (name === undefined) whole = false;
      else aliases[alias][rule] = name;
      if (!rules.includes(rule))
        whole = !!place.at(alias, rule).fail(`'${rule}' is not among the rules of this correlation${didYouMean(rule, rules)}`);
    }
  }
  return whole ? aliases : undefined;
}

interface TypeAt {
  readonly type: string;
  readonly shape: RuleTypeShape;
  readonly rules: number;
}

interface Condition {
  readonly threshold?: number;
  readonly field?: string;
  readonly otherFields?: readonly string[];
  /** Where one threshold does not say it. */
  readonly bounds?: Bounds;
  /** Temporal rules: how many of the rules must have matched, where not all. */
  readonly least?: number;
}

function readCondition(value: unknown, { type, shape, rules }: TypeAt, place: Place): Condition | undefined {
  const at = place.at('condition');
  if (value === undefined) {
    if (shape.needsThreshold) return place.fail(`'condition' is missing, expected for example {gte: 10}`);
    return shape.needsField ? place.fail(`'condition' is missing, expected {field: <name>}`) : {};
  }
  if (!isContent(value)) return at.fail(conditionExpected(value, type));
  const { field: fields, ...given } = value;
  const names = Object.keys(given).filter((name) => !settingNames(shape).includes(name));
  if (!knownCriteria(names, { type, shape }, at)) return undefined;
  const known = readFields(fields, { type, shape }, at);
  if (!known) return undefined;
  const [name] = names;
  if (name === undefined) return shape.needsThreshold ? at.fail(`${type} needs a threshold, for example {gte: 10}`) : known;
  const criteriaGiven = Object.fromEntries(names.map((each) => [each, given[each]]));
  if (shape.bounds === 'numbers' || (shape.bounds && hasUpper(criteriaGiven))) {
    const bounds = readBounds(criteriaGiven, shape.bounds === 'counts', at);
    return bounds && { ...known, bounds };
  }
  const threshold = readThreshold(name, given[name], at);
  if (threshold === undefined) return undefined;
  return shape.needsThreshold ? { ...known, threshold } : ofRules(threshold, { type, shape, rules }, at);
}

function readFields(
  value: unknown,
  { type, shape }: { type: string; shape: RuleTypeShape },
  place: Place,
): Pick<Condition, 'field' | 'otherFields'> | undefined {
  if (!shape.needsField) return value === undefined ? {} : place.at('field').fail(`${type} takes no field`);
  const fields = Array.isArray(value) ? (value as unknown[]) : [value];
  const [field, ...others] = fields;
  if (!fields.every((name): name is string => typeof name === 'string' && name !== '') || field === undefined)
    return place.fail(`${type} needs the name of a field, for example {field: user.name}, got ${show(value)}`);
  if (others.length === 0) return { field: field as string };
  if (!shape.manyFields) return place.at('field').fail(`${type} reads one field, got ${show(value)}: write one rule for each`);
  if (new Set(fields).size < fields.length) return place.at('field').fail(`a field is there twice, got ${show(value)}`);
  return { field: field as string, otherFields: others as string[] };
}

/** How many of its rules a temporal correlation asks for. */
function ofRules(threshold: number, { type, rules }: TypeAt, place: Place): Condition | undefined {
  // All of them is what is meant without a condition.
  if (threshold === rules) return {};
  if (threshold > rules) return place.fail(`there are ${rules} rules, so ${threshold} of them can never match`);
  if (type === 'temporal' && threshold > 1) return { least: threshold };
  return place.fail(`a condition on the number of rules is not supported for ${type}: all ${rules} are asked for`);
}

function conditionExpected(value: unknown, type: string): string {
  const isText = typeof value === 'string' && type.startsWith('temporal');
  const instead = isText
    ? `: an expression over names of rules is not supported; write one ${type} rule for each combination of which all must match, or {gte: <number of rules>}; what 'not' leaves out belongs into the rules themselves`
    : '';
  return `expected a map such as {gte: 10}, got ${kindOf(value)}${instead}`;
}

function knownCriteria(names: readonly string[], { type, shape }: { type: string; shape: RuleTypeShape }, place: Place): boolean {
  const known = [...criteria, 'field'];
  const taken: readonly string[] = shape.bounds ? criteria : ['gt', 'gte'];
  const bad = names.filter((name) => !taken.includes(name));
  for (const name of bad) {
    const expected = `expected ${shape.bounds ? criteria.join(', ') : 'gt or gte'}`;
    const hint = didYouMean(name, [...known, ...settingNames(shape)]) || `, ${expected}`;
    const without = `condition '${name}' is not supported for ${type}, ${expected}`;
    place.at(name).fail((known as readonly string[]).includes(name) ? without : `unknown condition '${name}'${hint}`);
  }
  const twice =
    names.includes('gt') && names.includes('gte') ? 'gt and gte' : names.includes('lt') && names.includes('lte') ? 'lt and lte' : undefined;
  if (bad.length === 0 && twice) place.fail(`${twice} exclude each other`);
  return bad.length === 0 && !twice;
}

/** As `gte`. Zero events cannot be seen in a log, so the least is one. */
function readThreshold(name: string, value: unknown, place: Place): number | undefined {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    return place.at(name).fail(`expected a whole number from 0, got ${show(value)}`);
  return Math.max(1, name === 'gt' ? value + 1 : value);
}

function readSettings(section: Content, shape: RuleTypeShape, place: Place): Readonly<Record<string, unknown>> | undefined {
  // Settings stand beside the timespan; under `condition` they mean the same.
  const condition = isContent(section['condition']) ? section['condition'] : {};
  const inCondition = Object.entries(condition).filter(([key]) => settingNames(shape).includes(key));
  const given = Object.fromEntries([...inCondition, ...Object.entries(section).filter(([key]) => !ownKeys.has(key))]);
  const parsed = shape.settings.safeParse(given);
  if (parsed.success) return isContent(parsed.data) ? parsed.data : {};
  for (const issue of parsed.error.issues) {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    if (issue.code === 'unrecognized_keys') {
      const known = [...ownKeys, ...settingNames(shape)];
      for (const key of issue.keys)
        place.at(...path, key).fail(`unknown key '${key}'${didYouMean(key, known) || `, expected one of ${known.join(', ')}`}`);
    } else place.at(...path).fail(issue.message);
  }
  return undefined;
}

function settingNames({ settings }: RuleTypeShape): string[] {
  return Object.keys((settings as { shape?: Record<string, unknown> }).shape ?? {});
}

/** What the rule asks for, in words for people: "10 in 5m". */
export function asks(section: CorrelationSection, gate?: GateSection): string {
  if (!gate) return asksFor(section);
  return `${asksFor({ ...section, rules: section.rules.slice(0, -1) })}, ${gate.key} ${gate.rule}`;
}

function asksFor({ type, rules, threshold, field: first, otherFields = [], timespan, settings }: CorrelationSection): string {
  const field = first === undefined ? undefined : [first, ...otherFields].join(' with ');
  const within = `in ${formatDuration(timespan)}`;
  const { bounds, least, ...ownSettings } = settings as { bounds?: Bounds; least?: number };
  if (bounds) return `${[type, ...(field === undefined ? [] : ['of', field]), describeBounds(bounds)].join(' ')} ${within}`;
  if (least !== undefined) return `${least} of ${rules.join(', ')} ${within}`;
  const own = Object.entries(ownSettings).filter(([, value]) => !isContent(value));
  if (threshold !== undefined && own.length > 0) {
    const what = field === undefined ? `${type} of ${threshold}` : `${type} of ${threshold} ${field}`;
    return [what, ...own.map(([key, value]) => `${key.replaceAll('_', ' ')} ${show(value).replaceAll("'", '')}`)].join(', ') + ` ${within}`;
  }
  if (threshold !== undefined) return field === undefined ? `${threshold} ${within}` : `${threshold} distinct ${field} ${within}`;
  if (type === 'temporal') return `${rules.join(' and ')} ${within}`;
  if (type === 'temporal_ordered') return `${rules.join(', then ')} ${within}`;
  const said = Object.entries(ownSettings).map(([key, value]) => `${key} ${typeof value === 'string' ? value : show(value)}`);
  return [field === undefined ? type : `${type} of ${field}`, ...said, within].join(', ').replace(/, (in \S+(?: \S+)?)$/, ' $1');
}
