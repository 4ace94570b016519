import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { JsonValue } from '#ecs';
import { jsonMapping, type JsonMapping } from './mapping.js';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const fileSchema = jsonMapping.safeExtend({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, { error: 'expected small letters, digits and hyphens, such as shop-api' })
    .describe('What the format is called.'),
  description: z.string().max(1000).optional(),
  cases: z
    .array(
      z.strictObject({
        line: z.string().min(1).max(65_536).describe('A line of the log.'),
        expect: z
          .record(z.string().min(1), z.union([scalar, z.null(), z.array(scalar)]))
          .optional()
          .describe('Fields of the document, dotted, and their values; null where it must not be there.'),
        rejected: z.string().optional().describe('Reason of the dead letter that the line must become.'),
      }),
    )
    .max(1000)
    .default([])
    .describe('Lines and what they must become: the test of the mapping.'),
});

/** A line, and what it must become. */
export interface MappingCase {
  readonly line: string;
  readonly expect?: Readonly<Record<string, JsonValue>> | undefined;
  readonly rejected?: string | undefined;
  /** Line of the file where it begins. */
  readonly at?: number | undefined;
}

/** A team's own JSON format: how its lines are read, and the lines that prove it. */
export interface MappingFile {
  readonly name: string;
  readonly mapping: JsonMapping;
  readonly cases: readonly MappingCase[];
}

export type MappingResult =
  { readonly ok: true; readonly file: MappingFile } | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads a mapping file: strict, so that a key that is misspelt is a problem and not a silence. Each problem is a sentence with place and remedy.
 * @param label what the file is called in problems
 */
export function readMapping(text: string, label: string): MappingResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const placeOf = (offset: number | undefined): string => {
    const { line, col } = offset === undefined ? { line: 1, col: 1 } : lines.linePos(offset);
    return `${label}:${line || 1}:${col || 1}`;
  };
  if (document.errors.length > 0)
    return { ok: false, problems: document.errors.map((error) => `${placeOf(error.pos[0])}: ${error.message}`) };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { ok: false, problems: [`${placeOf(0)}: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const result = fileSchema.safeParse(value);
  if (result.success) {
    const { name, description: _description, cases, ...mapping } = result.data;
    const lineOf = (nth: number): number | undefined => {
      const offset = nodeOffset(document, ['cases', nth]);
      return offset === undefined ? undefined : lines.linePos(offset).line;
    };
    return { ok: true, file: { name, mapping, cases: cases.map((each, nth) => ({ ...each, at: lineOf(nth) })) } };
  }
  const problems = result.error.issues.map(({ path, message, code, ...rest }) => {
    const unknown = code === 'unrecognized_keys' ? (rest as { keys: string[] }).keys : undefined;
    const at = unknown ? keyOffset(document, path, unknown[0]!) : nodeOffset(document, path);
    const what = unknown === undefined ? message : `the key ${unknown.join(', ')} is not known here; expected ${knownKeys(path)}`;
    return `${placeOf(at)}: ${path.length ? `${path.map(String).join('.')}: ` : ''}${what}`;
  });
  return { ok: false, problems };
}

function knownKeys(path: readonly PropertyKey[]): string {
  if (path.length === 0) return Object.keys(fileSchema.shape).join(', ');
  if (path[0] === 'when') return path.length === 2 ? 'if, action, set' : 'exists, gte, gt, lte, lt, not';
  if (path[0] === 'cases') return 'line, expect, rejected';
  return path[0] === 'outcome' ? 'from, success, failure' : path[0] === 'actions' ? 'from, of, otherwise' : 'field, format';
}

/** Where a key itself stands. */
function keyOffset(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[], key: string): number | undefined {
  const parent: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(parent) ? parent.items.find((each) => isScalar(each.key) && each.key.value === key) : undefined;
  return isScalar(pair?.key) ? pair.key.range?.[0] : nodeOffset(document, path);
}

/** Where the nearest node of a path stands. */
function nodeOffset(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const range =
      typeof node === 'object' && node !== null && 'range' in node ? (node.range as readonly number[] | null | undefined) : undefined;
    if (range) return range[0];
  }
  return document.contents?.range?.[0];
}
