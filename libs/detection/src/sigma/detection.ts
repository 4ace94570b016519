import { ConditionReader } from './condition.js';
import { isContent, kindOf, show, type Content, type Place } from './documents.js';
import { all, any, type Expression } from './expression.js';
import { compileField, type Scope } from './field-test.js';
import { slipFor } from './nearest.js';
import { compileScimFilter } from './scim-filter.js';

const reserved = new Set(['condition', 'timeframe']);

/** Compiles a `detection` (or `filter`) section; `undefined` when a problem was noted. All problems of the section are noted. */
export function compileDetection(detection: Content, scope: Scope, place: Place): Expression | undefined {
  const filter = oktaFilter(detection);
  if (filter !== undefined) return compileScimFilter(filter, scope, place.at('okta_systemlog', 'OIE'));
  const selections = new Map<string, Expression | undefined>();
  if (detection['timeframe'] !== undefined)
    place.at('timeframe').fail('timeframe belongs to Sigma 1: write a correlation rule with a timespan');
  for (const [name, value] of Object.entries(detection)) {
    if (!reserved.has(name)) selections.set(name, compileSelection(value, scope, place.at(name)));
  }
  const { condition } = detection;
  if (condition === undefined)
    return place.fail(`'condition' is missing${slipFor('condition', selections.keys()) || ', so this is no Sigma detection'}`);
  const texts = Array.isArray(condition) ? (condition as unknown[]) : [condition];
  const reader = new ConditionReader(selections);
  const conditions = texts.map((text) => {
    const at = place.at('condition');
    return typeof text === 'string' ? reader.read(text, at) : at.fail(`expected a text, got ${show(text)}`);
  });
  if (texts.length === 0) return place.at('condition').fail('the list is empty');
  if (conditions.includes(undefined)) return undefined;
  const whole = [...selections.values()].every((expression) => expression !== undefined);
  return !whole || detection['timeframe'] !== undefined ? undefined : any(conditions as Expression[]);
}

/** Selections that no condition speaks of: Sigma allows them, and they are a slip more often than not. A name that begins with _ may be unused. */
export function unusedSelections({ condition, ...rest }: Content, place: Place): string[] {
  const names = Object.keys(rest).filter((name) => !reserved.has(name));
  const reader = new ConditionReader(new Map(names.map((name) => [name, any([])])));
  for (const text of Array.isArray(condition) ? (condition as unknown[]) : [condition]) {
    if (typeof text !== 'string') return [];
    reader.read(text, place);
  }
  return names.filter((name) => !reader.used.has(name) && !name.startsWith('_'));
}

/** Okta's own form: one filter for its System Log, beside which the same is said in other products' languages. */
export function oktaFilter({ condition, okta_systemlog: queries }: Content): string | undefined {
  if (condition !== undefined || !isContent(queries)) return undefined;
  return typeof queries['OIE'] === 'string' ? queries['OIE'] : undefined;
}

function compileSelection(value: unknown, scope: Scope, place: Place): Expression | undefined {
  if (isContent(value)) return compileMap(value, scope, place);
  // One keyword need not be a list.
  if (typeof value === 'string' || typeof value === 'number') return compileField('', value, scope, place);
  if (!Array.isArray(value)) return place.fail(`expected a map of fields, a list of maps or a list of keywords, got ${kindOf(value)}`);
  if (value.length === 0) return place.fail('an empty list can never match, expected at least one entry');
  const items = (value as unknown[]).map((item, i) =>
    isContent(item) ? compileMap(item, scope, place.at(i)) : compileField('', item, scope, place.at(i)),
  );
  return items.includes(undefined) ? undefined : any(items as Expression[]);
}

function compileMap(map: Content, scope: Scope, place: Place): Expression | undefined {
  const entries = Object.entries(map);
  if (entries.length === 0) return place.fail('the map is empty, expected at least one field');
  const tests = entries.map(([key, value]) => compileField(key, value, scope, place.at(key)));
  return tests.includes(undefined) ? undefined : all(tests as Expression[]);
}
