import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { fields } from '#ecs';

interface EcsField {
  readonly type: string;
  readonly isArray: boolean;
}

// The list of ECS fields lies beside the checkout; SHARED_DATA names another place.
const list = new URL('enrich/ecs/fields.csv.gz', new URL(process.env['SHARED_DATA'] ?? '../../../../shared/data/', import.meta.url));
const formats = new URL('./formats/', import.meta.url);
const numbers = new Set(['long', 'float', 'scaled_float', 'double', 'integer']);
const texts = new Set(['keyword', 'wildcard', 'match_only_text', 'text', 'constant_keyword', 'version']);

it.runIf(existsSync(list))('every field of every golden file is of ECS with its type, or ours', () => {
  const known = ecsFields();
  const strange = new Set<string>();
  const files = readdirSync(formats, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.expected.ndjson'));
  expect(files.length).toBeGreaterThan(30);
  for (const file of files)
    for (const line of readFileSync(new URL(file, formats), 'utf8').split('\n').filter(Boolean))
      for (const [name, value] of leaves(JSON.parse(line), '')) {
        const trouble = troubleOf(name, value, known);
        if (trouble !== undefined) strange.add(`${name}: ${trouble} (${file})`);
      }
  expect([...strange]).toEqual([]);
});

it.runIf(existsSync(list))('every field of the table is of ECS with its type, or ours', () => {
  const known = ecsFields();
  const own = fields.filter(({ name }) => !name.startsWith('gatewatch.'));
  const wrong = own.filter(({ name, type, array }) => {
    const ecs = known.get(name);
    return ecs === undefined || (array ?? false) !== ecs.isArray || (texts.has(ecs.type) ? type !== 'keyword' : ecs.type !== type);
  });
  expect(wrong.map(({ name, type }) => `${name} ${type} ${JSON.stringify(known.get(name))}`)).toEqual([]);
});

function ecsFields(): Map<string, EcsField> {
  const rows = gunzipSync(readFileSync(list)).toString('utf8').split('\n');
  const columns = rows[0]!.split(',');
  const [name, type, normal] = ['Field', 'Type', 'Normalization'].map((column) => columns.indexOf(column)) as [number, number, number];
  return new Map(
    rows.map((row) => row.split(',')).map((row) => [row[name] ?? '', { type: row[type] ?? '', isArray: row[normal] === 'array' }] as const),
  );
}

function troubleOf(name: string, value: unknown, known: ReadonlyMap<string, EcsField>): string | undefined {
  if (name.startsWith('gatewatch.')) return undefined;
  const field = known.get(name);
  if (!field) return teamsOwn(name) || isBelowFlattened(name, known) ? undefined : 'is no field of ECS';
  if (field.isArray && !Array.isArray(value)) return 'is no list';
  const wrong = (Array.isArray(value) ? (value as unknown[]) : [value]).find((one) => !fits(field.type, one));
  return wrong === undefined ? undefined : `${JSON.stringify(wrong)} is no ${field.type}`;
}

/** Keys below a flattened field are not ECS's business. */
function isBelowFlattened(name: string, known: ReadonlyMap<string, EcsField>): boolean {
  const parts = name.split('.');
  return parts.some((_, nth) => known.get(parts.slice(0, nth).join('.'))?.type === 'flattened');
}

/** A team's own JSON keeps keys that ECS does not know under their own names: fields of ECS are the ones below its field sets. */
const sets = new Set(fields.map(({ name }) => name.split('.')[0]!));
function teamsOwn(name: string): boolean {
  return !sets.has(name.split('.')[0]!);
}

function fits(type: string, value: unknown): boolean {
  if (numbers.has(type)) return typeof value === 'number';
  if (texts.has(type)) return typeof value === 'string';
  if (type === 'ip') return typeof value === 'string' && isIP(value) !== 0;
  if (type === 'date') return typeof value === 'string' && Number.isFinite(Date.parse(value));
  return type !== 'boolean' || typeof value === 'boolean';
}

function* leaves(value: unknown, name: string): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || name.endsWith('.location')) yield [name, value];
  else for (const [key, part] of Object.entries(value)) yield* leaves(part, name === '' ? key : `${name}.${key}`);
}
