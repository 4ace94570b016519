import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { z } from 'zod';
import { fields } from '#ecs';
import { instant, type Clock, type Millis } from '#time';
import { badParameters, type ProblemPart } from './problem.js';

/** An instant as a caller writes it; relative ones are resolved by `instant`. */
const timeText = z.string().max(40);

const limit = z
  .string()
  .regex(/^\d{1,4}$/, 'expected a whole number from 1 to 1000')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 1000, 'expected a whole number from 1 to 1000')
  .default(100);

const cursor = z.string().min(1).max(2000);

/** Parameters that every list takes. */
export const range = {
  from: timeText.optional().describe('First instant, inclusive: ISO 8601, milliseconds since 1970, or relative to now: -1h, -30d.'),
  to: timeText.optional().describe('Last instant, exclusive; written as `from`, or `now`.'),
};
export const paging = {
  limit: limit.describe('Most entries to answer, 1 to 1000.'),
  cursor: cursor.optional().describe('`next_cursor` of the page before.'),
};

/** @throws Problem 400 naming the instant that is wrong. */
export function timeRange(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  clock: Clock,
): { from?: Millis; to?: Millis } {
  const now = clock.now();
  const found: { from?: Millis; to?: Millis } = {};
  const errors: ProblemPart[] = [];
  for (const [parameter, value] of [['from', from] as const, ['to', to] as const]) {
    if (value === undefined) continue;
    const time = instant(value, now);
    if (time === undefined)
      errors.push({ parameter, value, expected: 'expected ISO 8601 with a zone, milliseconds since 1970, "now", or "-1h"' });
    else found[parameter] = time;
  }
  if (found.from !== undefined && found.to !== undefined && found.from >= found.to) {
    errors.push({ parameter: 'to', value: to ?? '', expected: 'expected an instant after `from`' });
  }
  if (errors.length > 0) throw badParameters(errors);
  return found;
}

const known = new Set(fields.map(({ name }) => name));
const fieldName = /^[A-Za-z_@][\w.@-]{0,127}$/;
const maxFilters = 20;

/** Parameters that are no names of ours are fields to search by. @throws Problem 400 for what can be no field. */
export function fieldFilters(rest: Readonly<Record<string, unknown>>, ours: readonly string[]): Record<string, readonly string[]> {
  const filters: Record<string, readonly string[]> = {};
  const errors: ProblemPart[] = [];
  const entries = Object.entries(rest);
  if (entries.length > maxFilters)
    throw badParameters([{ parameter: entries[maxFilters]![0].slice(0, 100), expected: `expected at most ${maxFilters} fields` }]);
  for (const [name, value] of entries) {
    const values = (Array.isArray(value) ? value : [value]) as string[];
    const parameter = name.slice(0, 100);
    // A name without a dot is far more often a misspelt parameter than a field.
    if (!fieldName.test(name) || (!name.includes('.') && !known.has(name))) {
      errors.push({ parameter, expected: `expected one of ${ours.join(', ')}, or a field such as source.ip` });
    } else if (values.length > maxFilters || values.some((text) => text.length === 0 || text.length > 1024)) {
      errors.push({ parameter, expected: `expected 1 to ${maxFilters} values of 1 to 1024 characters` });
    } else filters[name] = values;
  }
  if (errors.length > 0) throw badParameters(errors);
  return filters;
}

/** Checks a parameter object against its zod schema and names all that is wrong. */
export class ParameterPipe implements PipeTransform {
  async transform(value: unknown, { schema, data }: ArgumentMetadata): Promise<unknown> {
    if (!schema) return value;
    const result = await schema['~standard'].validate(value);
    if (!result.issues) return result.value;
    throw badParameters(result.issues.flatMap((issue) => toParts(issue as z.core.$ZodIssue, { value, name: data ?? 'body' })));
  }
}

function toParts(issue: z.core.$ZodIssue, whole: { value: unknown; name: string }): ProblemPart[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ parameter: key.slice(0, 100), expected: 'there is no such parameter' }));
  const name = issue.path.map(String).join('.');
  const value = issue.path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key], whole.value);
  const shown =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value).slice(0, 100) : undefined;
  return [
    { parameter: name === '' ? whole.name : name, ...(shown !== undefined && { value: shown }), expected: lowerFirst(issue.message) },
  ];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Documents each property of a schema as a query parameter. */
export function QueryOf(schema: z.ZodObject): MethodDecorator {
  const document = z.toJSONSchema(schema, { io: 'input', target: 'openapi-3.0', unrepresentable: 'any' });
  const required = new Set(document.required ?? []);
  const decorators = Object.entries(document.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property as { description?: string };
    return ApiQuery({ name, required: required.has(name), ...(description && { description }), schema: rest });
  });
  return (target, key, descriptor) => {
    for (const decorate of decorators) decorate(target, key, descriptor as TypedPropertyDescriptor<unknown>);
  };
}
