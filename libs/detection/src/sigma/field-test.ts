import { AddressBlock } from './address-block.js';
import { show, type Place } from './documents.js';
import { encoders, type Encoded } from './encodings.js';
import { all, any, anyText, not, type Comparison, type Expression, type Predicate, type Test } from './expression.js';
import { compileRegex } from './linear-regex.js';
import { didYouMean } from './nearest.js';
import { foldPattern, one, parsePattern, run, tidy, type Pattern } from './pattern.js';
import { timeParts, type TimePart } from './time-part.js';

/** What selections are compiled with. */
export interface Scope {
  slotOf(field: string): number;
  /** Values of `%name%` for the `expand` modifier. */
  readonly placeholders: Readonly<Record<string, readonly string[]>>;
}

const comparisons = ['gt', 'gte', 'lt', 'lte'] as const;
const shapes = ['contains', 'startswith', 'endswith'] as const;
const flags = ['i', 'm', 's'] as const;
const known = new Set<string>([
  ...comparisons,
  ...shapes,
  ...flags,
  ...timeParts,
  ...Object.keys(encoders),
  'all',
  'cased',
  'exists',
  'neq',
  're',
  'cidr',
  'fieldref',
  'expand',
]);

/** Every modifier there is. */
export const modifierNames: readonly string[] = [...known];

/** The modifiers of one key, sorted by what they decide. */
interface Modifiers {
  readonly names: readonly string[];
  readonly encode: readonly string[];
  readonly shape?: (typeof shapes)[number];
  readonly type?: 're' | 'cidr' | 'exists' | 'fieldref' | Comparison | 'time';
  readonly part?: TimePart;
  readonly comparison?: Comparison;
  readonly flags: string;
  readonly all: boolean;
  readonly cased: boolean;
  readonly neq: boolean;
}

/** Compiles `field|modifiers: value`; `undefined` when a problem was noted. A key without a field searches every text of the event. */
export function compileField(key: string, value: unknown, scope: Scope, place: Place): Expression | undefined {
  const [field = '', ...names] = key.split('|');
  const modifiers = sortModifiers(names, place);
  if (!modifiers) return undefined;
  const slot = field === '' ? anyText : scope.slotOf(field);
  const values = Array.isArray(value) ? (value as unknown[]) : [value];
  if (values.length === 0) return place.fail('an empty list can never match, expected at least one value');
  const compiled = values.map((single, i) =>
    compileValue(single, { slot, modifiers, scope, place: Array.isArray(value) ? place.at(i) : place }),
  );
  if (compiled.some((expression) => expression === undefined)) return undefined;
  const expressions = compiled as Expression[];
  if (!modifiers.neq) return modifiers.all ? all(expressions) : any(expressions);
  // A field that is absent is not different from anything.
  return all([test(slot, { kind: 'exists' }), not(modifiers.all ? all(expressions) : any(expressions))]);
}

function sortModifiers(names: readonly string[], place: Place): Modifiers | undefined {
  const unknown = names.filter((name) => !known.has(name));
  for (const name of unknown)
    place.fail(`unknown modifier '${name}'${didYouMean(name, known) || `, expected one of ${[...known].join(', ')}`}`);
  if (unknown.length) return undefined;
  const has = (name: string): boolean => names.includes(name);
  const found = <T extends string>(of: readonly T[]): T[] => of.filter(has);
  const types = [...found(['re', 'cidr', 'exists', 'fieldref'] as const), ...found(comparisons)];
  const parts = found(timeParts);
  const shaped = found(shapes);
  const encode = names.filter((name) => name in encoders || name === 'expand');
  const regexFlags = found(flags);
  const clash = firstClash(names, { types, parts, shaped, encode });
  if (clash) return place.fail(clash);
  return {
    names,
    encode,
    shape: shaped[0],
    type: parts.length ? 'time' : types[0],
    part: parts[0],
    comparison: found(comparisons)[0],
    flags: regexFlags.join(''),
    all: has('all'),
    cased: has('cased'),
    neq: has('neq'),
  };
}

interface Sorted {
  readonly types: readonly string[];
  readonly parts: readonly string[];
  readonly shaped: readonly string[];
  readonly encode: readonly string[];
}

/** Why modifiers do not go together, if so. */
function firstClash(names: readonly string[], { types, parts, shaped, encode }: Sorted): string | undefined {
  const [type] = types;
  const flag = flags.find((name) => names.includes(name));
  const encoder = encode.find((name) => name !== 'expand');
  const exclude = (a: string | undefined, b: string | undefined): string => `modifiers ${a} and ${b} exclude each other`;
  const typed = type !== undefined && type !== 'fieldref';
  const compares = comparisons.some((name) => name === type);
  const clashes: [boolean, string][] = [
    [new Set(names).size < names.length, 'a modifier is there twice'],
    ...[types, shaped, parts].map((group): [boolean, string] => [group.length > 1, exclude(group[0], group[1])]),
    [flag !== undefined && type !== 're', `modifier ${flag} goes with re only`],
    [shaped.length > 0 && typed, exclude(shaped[0], type)],
    [encoder !== undefined && type !== undefined, exclude(encoder, type)],
    [parts.length > 0 && shaped.length + encode.length > 0, `modifier ${parts[0]} takes a number, not a text`],
    [parts.length > 0 && type !== undefined && !compares, exclude(parts[0], type)],
    [type === 'fieldref' && encode.length > 0, 'modifier expand gives values, and fieldref takes the name of a field'],
    [type === 'exists' && names.length > 1, 'modifier exists stands alone'],
    [names.includes('cased') && typed, `modifier cased has no meaning with ${type}`],
  ];
  return clashes.find(([clash]) => clash)?.[1];
}

interface ValueTask {
  readonly slot: number;
  readonly modifiers: Modifiers;
  readonly scope: Scope;
  readonly place: Place;
}

function compileValue(value: unknown, task: ValueTask): Expression | undefined {
  const { slot, modifiers, place } = task;
  if (slot === anyText && (modifiers.type === undefined || modifiers.type === 're') === false) {
    return place.fail(`modifier ${modifiers.type} needs a field`);
  }
  if (slot === anyText && modifiers.neq) return place.fail('modifier neq needs a field');
  switch (modifiers.type) {
    case 'exists':
      return compileExists(value, task);
    case 'cidr':
      return compileBlock(value, task);
    case 're':
      return compilePattern(value, task);
    case 'fieldref':
      return compileReference(value, task);
    case 'time':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return compileNumber(value, task);
    case undefined:
      return compileText(value, task);
  }
}

function compileExists(value: unknown, { slot, place }: ValueTask): Expression | undefined {
  if (typeof value !== 'boolean') return place.fail(`exists takes true or false, got ${show(value)}`);
  return value ? test(slot, { kind: 'exists' }) : not(test(slot, { kind: 'exists' }));
}

function compileReference(value: unknown, { slot, modifiers, scope, place }: ValueTask): Expression | undefined {
  if (typeof value !== 'string' || value === '') return place.fail(`fieldref takes the name of a field, got ${show(value)}`);
  return test(slot, { kind: 'fieldref', slot: scope.slotOf(value), how: modifiers.shape ?? 'equals', cased: modifiers.cased });
}

function compileBlock(value: unknown, { slot, scope, modifiers, place }: ValueTask): Expression | undefined {
  const texts = typeof value === 'string' && modifiers.encode.length ? expand(value, scope, place) : [value];
  if (!texts) return undefined;
  const blocks = texts.map((text) => (typeof text === 'string' ? AddressBlock.parse(text) : undefined));
  const bad = blocks.indexOf(undefined);
  if (bad >= 0) return place.fail(`cidr takes a network such as '10.0.0.0/8' or '2001:db8::/32', got ${show(texts[bad])}`);
  return any(blocks.map((block) => test(slot, { kind: 'cidr', block: block! })));
}

function compilePattern(value: unknown, { slot, modifiers, scope, place }: ValueTask): Expression | undefined {
  // `re: 404` is an expression, too, though YAML reads a number.
  if (typeof value !== 'string' && typeof value !== 'number') return place.fail(`re takes a text, got ${show(value)}`);
  const text = String(value);
  const texts = modifiers.encode.includes('expand') ? expand(text, scope, place, quoted) : [text];
  const compiled = texts?.map((single) => {
    const result = compileRegex(single, modifiers.flags);
    return 'problem' in result ? place.fail(`${result.problem}, got ${show(value)}`) : test(slot, { kind: 'regex', regex: result.regex });
  });
  return compiled && !compiled.includes(undefined) ? any(compiled as Expression[]) : undefined;
}

function compileNumber(value: unknown, { slot, modifiers, place }: ValueTask): Expression | undefined {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  if (!Number.isFinite(number)) return place.fail(`${modifiers.comparison ?? modifiers.part} takes a number, got ${show(value)}`);
  if (modifiers.part) return test(slot, { kind: 'time', part: modifiers.part, comparison: modifiers.comparison ?? 'eq', value: number });
  return test(slot, { kind: 'compare', comparison: modifiers.comparison!, value: number });
}

function compileText(value: unknown, task: ValueTask): Expression | undefined {
  const { slot, modifiers, place } = task;
  const bare = modifiers.shape === undefined && modifiers.encode.length === 0;
  if (value === null) {
    if (!bare || slot === anyText) return place.fail(`null cannot be combined with ${modifiers.names.join('|') || 'a keyword search'}`);
    return test(slot, { kind: 'null' });
  }
  if (slot !== anyText && bare && typeof value === 'number') return test(slot, { kind: 'number', value });
  if (slot !== anyText && bare && typeof value === 'boolean') return test(slot, { kind: 'boolean', value });
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    return place.fail(`expected a text, a number, true, false or null, got ${show(value)}`);
  }
  const encoded = encode(String(value), task);
  // A keyword is searched anywhere in a text.
  const shape = slot === anyText ? (modifiers.shape ?? 'contains') : modifiers.shape;
  return encoded && any(encoded.map(({ pattern }) => textTest(slot, shaped(pattern, shape), modifiers.cased)));
}

function encode(text: string, { modifiers, scope, place }: ValueTask): readonly Encoded[] | undefined {
  let values: readonly Encoded[] = [{ pattern: parsePattern(text), bytes: false }];
  if (modifiers.encode.includes('expand')) {
    const texts = expand(text, scope, place);
    if (!texts) return undefined;
    values = texts.map((single) => ({ pattern: parsePattern(single), bytes: false }));
  }
  for (const name of modifiers.encode) {
    const encoder = encoders[name];
    if (!encoder) continue;
    const next: Encoded[] = [];
    for (const value of values) {
      const result = encoder(value);
      if (typeof result === 'string') return place.fail(`${name} ${result}, got ${show(text)}`);
      next.push(...result);
    }
    values = next;
  }
  return values;
}

/** Puts in the values of each `%name%`; `\%` is a plain percent sign. */
function expand(text: string, scope: Scope, place: Place, quote = asIs): readonly string[] | undefined {
  const pieces = text.split(/(\\%|%\w+%)/);
  let texts = [''];
  for (const piece of pieces) {
    let choices: readonly string[] = [piece === '\\%' ? '%' : piece];
    let given: readonly string[] | undefined;
    if (/^%\w+%$/.test(piece)) {
      given = Object.hasOwn(scope.placeholders, piece.slice(1, -1)) ? scope.placeholders[piece.slice(1, -1)] : undefined;
      if (given) choices = given;
      else return place.fail(`placeholder ${piece} has no values: give them under \`placeholders\``);
    }
    texts = texts.flatMap((start) => choices.map((choice) => start + (choices === given ? quote(choice) : choice)));
  }
  return texts;
}

function asIs(text: string): string {
  return text;
}

/** A value from a watch list inside an expression means its characters. */
function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function shaped(pattern: Pattern, shape: Modifiers['shape']): Pattern {
  const before: Pattern = shape === 'contains' || shape === 'endswith' ? [run] : [];
  const after: Pattern = shape === 'contains' || shape === 'startswith' ? [run] : [];
  return tidy([...before, ...pattern, ...after]);
}

function textTest(slot: number, pattern: Pattern, cased: boolean): Expression {
  return test(slot, { kind: 'text', pattern: cased ? pattern : foldPattern(pattern), cased });
}

function test(slot: number, asked: Test): Expression {
  const predicate: Predicate = { key: `${slot} ${describe(asked)}`, slot, test: asked };
  return { kind: 'test', predicate };
}

/** A text that is the same for tests that ask the same. */
function describe(asked: Test): string {
  switch (asked.kind) {
    case 'text':
      return `text ${asked.cased} ${JSON.stringify(asked.pattern.map((part) => (part === run ? 1 : part === one ? 0 : part)))}`;
    case 'regex':
      return `regex ${asked.regex.flags} ${asked.regex.source}`;
    case 'cidr':
      return `cidr ${asked.block.text}`;
    default:
      return JSON.stringify(asked);
  }
}
