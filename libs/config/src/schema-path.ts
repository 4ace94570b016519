import { looksSecret } from '#telemetry';
import type { z } from 'zod';
import { blocks, type Block } from './block.js';
import type { Path } from './problem.js';

export type Schema = z.core.$ZodType;

/**
 * What can stand where `schema` is, with wrappers (optional, default, transform) taken off and unions opened. `value` chooses among the options of
 * a discriminated union. A building block is not opened: it knows what it wants.
 */
export function alternatives(schema: Schema, value?: unknown): Schema[] {
  // Not `has`: what `.describe()` copies inherits the entry, but does not have one of its own.
  if (blocks.get(schema)) return [schema];
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return alternatives(def.innerType, value);
    case 'pipe':
      return alternatives(def.in._zod.def.type === 'transform' ? def.out : def.in, value);
    case 'lazy':
      return alternatives(def.getter(), value);
    case 'union':
      return chosen(def, value).flatMap((option) => alternatives(option, value));
    case 'intersection':
      return [...alternatives(def.left, value), ...alternatives(def.right, value)];
    default:
      return [schema];
  }
}

function chosen(def: z.core.$ZodUnionDef, value: unknown): readonly Schema[] {
  const key = (def as Partial<z.core.$ZodDiscriminatedUnionDef>).discriminator;
  if (key === undefined || typeof value !== 'object' || value === null) return def.options;
  const given = (value as Record<string, unknown>)[key];
  const fitting = def.options.filter((option) => option._zod.propValues?.[key]?.has(given as z.core.util.Primitive));
  return fitting.length ? fitting : def.options;
}

/** Schemas that speak about the value at `path` of `root`. */
export function schemasAt(schema: Schema, path: Path, root: unknown): Schema[] {
  let found = alternatives(schema, root);
  let value = root;
  for (const step of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined;
    found = found.flatMap((one) => below(one, step)).flatMap((one) => alternatives(one, value));
  }
  return found;
}

function below(schema: Schema, step: string | number): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'object') {
    const child = Object.hasOwn(def.shape, step) ? def.shape[step] : def.catchall;
    return child && child._zod.def.type !== 'never' ? [child] : [];
  }
  if (def.type === 'record') return [def.valueType];
  if (def.type === 'array') return [def.element];
  if (def.type === 'tuple') return [def.items[Number(step)] ?? def.rest].filter((item) => item != null);
  return [];
}

/** Keys that a mapping may have; empty where any key may stand. */
export function keysOf(schemas: readonly Schema[]): string[] {
  return [
    ...new Set(
      schemas.flatMap((schema) => {
        const { def } = (schema as z.core.$ZodTypes)._zod;
        return def.type === 'object' ? Object.keys(def.shape) : [];
      }),
    ),
  ];
}

export function kindOf(schema: Schema): string {
  return (schema as z.core.$ZodTypes)._zod.def.type;
}

/** The building block among the schemas of one place, if there is exactly one. */
export function blockOf(schemas: readonly Schema[]): Block | undefined {
  const found = schemas.flatMap((schema) => blocks.get(schema) ?? []);
  return found.length === 1 ? found[0] : undefined;
}

/** Whether the value at a path must not be shown: the schema says so, or its name does. */
export function isSecret(schema: Schema, path: Path, root: unknown): boolean {
  const name = path.findLast((step) => typeof step === 'string');
  if (name !== undefined && looksSecret(name)) return true;
  return schemasAt(schema, path, root).some((one) => blocks.get(one)?.secret);
}
