import { isIP } from 'node:net';
import { fields, slot, type Field, type FieldIndex, type FieldName, type JsonObject } from '#ecs';
import type { FieldFilters } from '#query';
import { textFields, unsearched } from '../setup/mappings.js';
import { invalid } from './cursor.js';

/** Filters as clauses of a query, all of which must hold. Values are values of JSON, never parts of a query language. */
export function clauses(filters: FieldFilters, index?: FieldIndex): JsonObject[] {
  return Object.entries(filters).map(([name, values]) => {
    if (values.length === 0) throw invalid(`The filter on "${name}" has no value.`);
    return anyOf(values.map((value) => clause(name, value, index)));
  });
}

function anyOf(alternatives: JsonObject[]): JsonObject {
  return alternatives.length === 1 ? alternatives[0]! : { bool: { should: alternatives, minimum_should_match: 1 } };
}

function clause(name: string, value: string, index: FieldIndex | undefined): JsonObject {
  if (name === 'event.id') return { ids: { values: [value] } };
  if (name === 'gatewatch.source' || name === 'gatewatch.source.name') return textual('gatewatch.source.name', value);
  if (name === 'gatewatch.offset') return { term: { [name]: whole(name, value) } };
  if (Object.hasOwn(slot, name)) return ofField(fields[slot[name as FieldName]]!, value);
  if (index?.find(name) === undefined && !/^[\w@-]+(\.[\w@-]+)+$/.test(name)) throw invalid(`There is no field "${name}" to filter by.`);
  return { term: { [`gatewatch.extra.${name}`]: value } };
}

function ofField({ name, type }: Field, value: string): JsonObject {
  if (unsearched.has(name)) throw invalid(`"${name}" is kept and shown, but not searched.`);
  switch (type) {
    case 'ip':
      return { term: { [name]: addressOrNetwork(name, value) } };
    case 'keyword':
      return textual(textFields.has(name) ? `${name}.keyword` : name, value);
    case 'long':
      return { term: { [name]: whole(name, value) } };
    case 'double':
      if (value.trim() === '' || !Number.isFinite(Number(value))) throw invalid(`"${name}" is a number; "${value}" is none.`);
      return { term: { [name]: Number(value) } };
    case 'boolean':
      if (value !== 'true' && value !== 'false') throw invalid(`"${name}" is true or false; "${value}" is neither.`);
      return { term: { [name]: value === 'true' } };
    default:
      throw invalid(`"${name}" cannot be filtered by.`);
  }
}

/** Exact, or the beginning where the value ends with `*` (`\*` is a star). */
function textual(name: string, value: string): JsonObject {
  if (value.endsWith('*') && !value.endsWith('\\*')) return { prefix: { [name]: { value: value.slice(0, -1) } } };
  return { term: { [name]: value.endsWith('\\*') ? `${value.slice(0, -2)}*` : value } };
}

function whole(name: string, value: string): number {
  const number = Number(value);
  if (!/^-?\d{1,16}$/.test(value) || !Number.isSafeInteger(number)) throw invalid(`"${name}" is a whole number; "${value}" is none.`);
  return number;
}

function addressOrNetwork(name: string, value: string): string {
  const beginning = /^((?:\d{1,3}\.){1,3})\*$/.exec(value)?.[1];
  if (beginning !== undefined) {
    const parts = beginning.split('.').slice(0, -1);
    const network = [...parts, ...Array.from({ length: 4 - parts.length }, () => '0')].join('.');
    if (isIP(network) === 4) return `${network}/${parts.length * 8}`;
  }
  const [address = '', bits, ...more] = value.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  const known =
    version !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)));
  if (!known) throw invalid(`"${name}" holds addresses; "${value}" is neither an address nor a network such as 10.0.0.0/8.`);
  // IPv4 inside IPv6 is one address with the IPv4 in every store, and its network is 96 bits shorter.
  const inside = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (inside === undefined || bits === undefined) return value;
  return Number(bits) >= 96 ? `${inside}/${Number(bits) - 96}` : value;
}
