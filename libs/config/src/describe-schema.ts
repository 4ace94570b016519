import { z } from 'zod';
import { blocks } from './block.js';
import type { Schema } from './schema-path.js';

interface Row {
  readonly path: string;
  readonly type: string;
  readonly byDefault: string;
  readonly meaning: string;
}

interface Wrapped {
  readonly inner: Schema;
  readonly optional: boolean;
  /** As written by a person, before the schema reads it. */
  readonly byDefault?: unknown;
  readonly meaning?: string;
}

/**
 * The reference manual of a schema in Markdown: a table per section (top-level key) with path, type, default and description.
 * `receivers[]` is an entry of a list, `sources.<name>` of a mapping with free keys, `channels[email]` an entry that has `type: email`.
 */
export function describeSchema(schema: Schema): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type !== 'object') return table(rowsOf(schema, '', 0));
  const single: Row[] = [];
  const sections: string[] = [];
  for (const [key, child] of Object.entries(def.shape)) {
    const rows = rowsOf(child, key, 0);
    if (rows.length === 1) single.push(rows[0]!);
    else {
      const { meaning } = unwrap(child);
      sections.push(
        `## \`${key}\`\n\n${meaning ? `${meaning}\n\n` : ''}${table(rows.filter(({ path, type }) => path !== key || type !== 'mapping'))}`,
      );
    }
  }
  return [single.length ? table(single) : '', ...sections].filter(Boolean).join('\n\n') + '\n';
}

const maxDepth = 12;

function rowsOf(schema: Schema, path: string, depth: number): Row[] {
  const wrapped = unwrap(schema);
  const { inner } = wrapped;
  const own: Row = { path, type: typeOf(inner), byDefault: defaultOf(wrapped), meaning: wrapped.meaning ?? '' };
  return depth > maxDepth ? [own] : [own, ...rowsBelow(inner, path, depth + 1)];
}

function rowsBelow(schema: Schema, path: string, depth: number): Row[] {
  if (blocks.has(schema)) return [];
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).flatMap(([key, child]) => rowsOf(child, path ? `${path}.${key}` : key, depth));
    case 'record':
      return nested(def.valueType, `${path}.<name>`, depth);
    case 'array':
      return nested(def.element, `${path}[]`, depth);
    case 'union':
      return def.options.flatMap((option) => {
        const discriminator = (def as Partial<z.core.$ZodDiscriminatedUnionDef>).discriminator;
        const values = discriminator ? [...(option._zod.propValues?.[discriminator] ?? [])] : [];
        return rowsBelow(unwrap(option).inner, values.length ? `${path.replace(/\[\]$/, '')}[${values.join(', ')}]` : path, depth);
      });
    default:
      return [];
  }
}

/** Entries of a list or mapping: their own row only where they are more than a mapping. */
function nested(schema: Schema, path: string, depth: number): Row[] {
  const rows = rowsOf(schema, path, depth);
  return rows.length > 1 ? rows.slice(1) : [];
}

function unwrap(schema: Schema): Wrapped {
  let inner = schema;
  let optional = false;
  let byDefault: unknown;
  let meaning: string | undefined;
  for (;;) {
    meaning ??= z.globalRegistry.get(inner)?.description;
    if (blocks.has(inner)) break;
    const { def } = (inner as z.core.$ZodTypes)._zod;
    if (def.type === 'default' || def.type === 'prefault') byDefault ??= def.defaultValue;
    if (def.type === 'optional') optional = true;
    if (def.type === 'pipe') inner = def.in._zod.def.type === 'transform' ? def.out : def.in;
    else if (def.type === 'lazy') inner = def.getter();
    else if ('innerType' in def) inner = def.innerType;
    else break;
  }
  return { inner, optional, byDefault, meaning };
}

function defaultOf({ inner, optional, byDefault }: Wrapped): string {
  if (byDefault === undefined) return optional ? '–' : 'required';
  const block = blocks.get(inner);
  const shown = block?.show && typeof byDefault === 'number' ? block.show(byDefault) : byDefault;
  if (typeof shown === 'object' && shown !== null && Object.keys(shown).length === 0) return Array.isArray(shown) ? 'none' : '–';
  return code(typeof shown === 'string' ? shown : JSON.stringify(shown));
}

const words: Readonly<Record<string, string>> = { string: 'text', boolean: 'true or false', record: 'mapping', object: 'mapping' };

function typeOf(schema: Schema): string {
  const block = blocks.get(schema);
  if (block) return block.type;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'number':
      return 'format' in def ? 'integer' : 'number';
    case 'enum':
      return `one of ${Object.values(def.entries)
        .map((value) => code(String(value)))
        .join(', ')}`;
    case 'literal':
      return def.values.map((value) => code(String(value))).join(', ');
    case 'array':
      return `list of ${listed(def.element)}`;
    case 'record':
      return `mapping of names to ${listed(def.valueType)}`;
    case 'union':
      return [...new Set(def.options.map((option) => typeOf(unwrap(option).inner)))].join(' or ');
    case 'string':
      return 'format' in def && def.format === 'email' ? 'e-mail address' : 'text';
    default:
      return words[def.type] ?? def.type;
  }
}

const plurals: Readonly<Record<string, string>> = {
  'e-mail address': 'e-mail addresses',
  'address or network': 'addresses or networks',
  'true or false': 'true or false',
};

function listed(schema: Schema): string {
  const type = typeOf(unwrap(schema).inner);
  return plurals[type] ?? (type.includes('`') || type.includes(' of ') ? type : `${type}s`);
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ path, type, byDefault, meaning }) => `| ${[code(path), type, byDefault, meaning].map(cell).join(' | ')} |`);
  return ['| Key | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}
