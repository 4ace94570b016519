import type { z } from 'zod';
import { nearest } from './nearest.js';
import { formatPath, type ConfigProblem, type Path } from './problem.js';
import { alternatives, blockOf, isSecret, keysOf, kindOf, schemasAt, type Schema } from './schema-path.js';
import { isContainer, type Tree } from './tree.js';

type Issue = z.core.$ZodIssue;

interface Explained {
  readonly message: string;
  readonly remedy?: string;
}

/** Turns what zod found into problems with place, value and remedy. */
export function explainIssues(issues: readonly Issue[], tree: Tree, schema: Schema): ConfigProblem[] {
  return issues.flatMap((issue) => explainIssue(issue, { tree, schema, path: issue.path as Path }));
}

interface Context {
  readonly tree: Tree;
  readonly schema: Schema;
  readonly path: Path;
}

function explainIssue(issue: Issue, context: Context): ConfigProblem[] {
  const { tree, path } = context;
  if (tree.isBroken(path)) return [];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, context));
  if (issue.code === 'invalid_union' && issue.discriminator === undefined) {
    const inner = nearestOption(issue);
    if (inner) return inner.flatMap((each) => explainIssue(each, { ...context, path: [...path, ...(each.path as Path)] }));
  }
  const value = tree.at(path);
  const place = tree.placeOf(path, value === undefined || issue.code === 'invalid_key' ? 'key' : 'value');
  const { message, remedy } = explained(issue, value, context);
  return [{ ...place, path: formatPath(path), message, remedy }];
}

function unknownKey(key: string, { tree, schema, path }: Context): ConfigProblem {
  const known = keysOf(schemasAt(schema, path, tree.root));
  const meant = nearest(key, known);
  const at = [...path, key];
  const remedy = meant ? `did you mean \`${meant}\`?` : known.length ? `known keys: ${known.join(', ')}` : undefined;
  return { ...tree.placeOf(at, 'key'), path: formatPath(at), message: 'no such key', remedy };
}

/** The option of a union that was meant: the one that got furthest. `undefined` if none fits the kind of value at all. */
function nearestOption(issue: z.core.$ZodIssueInvalidUnion): readonly Issue[] | undefined {
  const inside = issue.errors.filter((errors) => errors.every(({ path, code }) => path.length > 0 || code !== 'invalid_type'));
  return inside.sort((a, b) => a.length - b.length)[0];
}

function explained(issue: Issue, value: unknown, { tree, schema, path }: Context): Explained {
  const schemas = schemasAt(schema, path, tree.root);
  const block = blockOf(schemas);
  const got = `got ${shown(value, isSecret(schema, path, tree.root))}`;
  if (issue.code === 'invalid_key') return { message: `not a valid key: ${firstExpectation(issue)}` };
  const own = issue.code === 'custom' && issue.message !== 'Invalid input' ? issue.message : undefined;
  if (own && !own.startsWith('expected ')) return { message: own, remedy: ownRemedy(issue) };
  const expected = own ?? `expected ${block?.expects ?? expectation(issue, schemas)}`;
  if (value === undefined) return { message: `${expected}, but the key is missing`, remedy: block?.secret ? undefined : block?.remedy };
  // A limit that was passed is no question of how to write the value.
  const remedy =
    own === undefined || expected === `expected ${block?.expects}` ? (block?.remedy ?? remedyFor(issue, value)) : ownRemedy(issue);
  return { message: `${expected}, ${got}`, remedy };
}

function ownRemedy(issue: Issue): string | undefined {
  const remedy: unknown = issue.code === 'custom' ? issue.params?.remedy : undefined;
  return typeof remedy === 'string' ? remedy : undefined;
}

function firstExpectation(issue: z.core.$ZodIssueInvalidKey): string {
  const [first] = issue.issues;
  return first ? `expected ${expectation(first, [])}` : 'it is not allowed here';
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
  date: 'a date',
};

const formats: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  url: 'a URL',
  uuid: 'a UUID',
  guid: 'a UUID',
  datetime: 'a date and time such as 2026-01-31T09:00:00Z',
  date: 'a date such as 2026-01-31',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  cidrv4: 'a network such as 10.0.0.0/8',
  cidrv6: 'a network such as 2001:db8::/32',
  hostname: 'a host name',
};

/** Completes "expected …". */
function expectation(issue: Issue, schemas: readonly Schema[]): string {
  switch (issue.code) {
    case 'invalid_type': {
      const int = schemas.some((one) => kindOf(one) === 'number' && 'format' in one._zod.def);
      return int ? kinds['int']! : (kinds[issue.expected] ?? issue.expected);
    }
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return issue.discriminator === undefined ? kindsOf(schemas) : oneOf(optionsOf(issue));
    case 'invalid_format':
      return formatExpectation(issue);
    case 'too_small':
      return limit(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return limit(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    default:
      return `something else (${issue.message})`;
  }
}

function formatExpectation(issue: z.core.$ZodIssueInvalidStringFormat): string {
  // What the setting itself says of its pattern.
  if (issue.message.startsWith('expected ')) return issue.message.slice('expected '.length);
  const known = formats[issue.format];
  if (known) return known;
  return issue.pattern ? `a text that matches ${issue.pattern}` : `a text in the form ${issue.format}`;
}

function kindsOf(schemas: readonly Schema[]): string {
  const words = schemas
    .flatMap((schema) => alternatives(schema))
    .map((one) => blockOf([one])?.expects ?? kinds[kindOf(one)] ?? kindOf(one));
  return [...new Set(words)].join(' or ');
}

function optionsOf(issue: Issue): readonly unknown[] {
  const { options } = issue as { options?: unknown };
  return Array.isArray(options) ? options : [];
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value));
  return words.length === 1 ? words[0]! : `one of ${words.join(', ')}`;
}

function limit(origin: string, comparison: string, bound: number | bigint): string {
  if (origin === 'string') return `a text of ${comparison} ${plural(bound, 'character')}`;
  if (origin === 'array' || origin === 'set') return `${comparison} ${bound} ${Number(bound) === 1 ? 'entry' : 'entries'}`;
  if (origin === 'map' || origin === 'object' || origin === 'record') return `${comparison} ${plural(bound, 'key')}`;
  return `${comparison} ${bound}`;
}

function plural(amount: number | bigint, word: string): string {
  return `${amount} ${word}${Number(amount) === 1 ? '' : 's'}`;
}

/** A value as an error may show it: short, on one line, without the contents of containers. */
function shown(value: unknown, hidden: boolean): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length ? `a list of ${value.length}` : 'an empty list';
  if (typeof value === 'object') return 'a mapping';
  if (hidden) return `a ${typeof value === 'string' ? 'text' : typeof value} (not shown)`;
  const text = typeof value === 'string' ? value.replace(/\/\/[^/@\s]*@/, '//…@') : value;
  const json = JSON.stringify(text) ?? 'nothing';
  return json.length > 80 ? `${json.slice(0, 79)}…"` : json;
}

function remedyFor(issue: Issue, value: unknown): string | undefined {
  if (issue.code === 'invalid_value' || issue.code === 'invalid_union') {
    const options = (issue.code === 'invalid_value' ? issue.values : optionsOf(issue)).filter((each) => typeof each === 'string');
    const meant = typeof value === 'string' ? nearest(value, options) : undefined;
    return meant && `did you mean "${meant}"?`;
  }
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.expected === 'array' && !isContainer(value)) return 'write it as a list: [ … ], or one entry a line after `- `';
  if (issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return `put it in quotes: "${value}"`;
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$|^(true|false)$/.test(value)) return 'remove the quotes';
  return undefined;
}
