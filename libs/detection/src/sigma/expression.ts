import type { FieldValue } from '#ecs';
import type { AddressBlock } from './address-block.js';
import type { Pattern } from './pattern.js';
import type { LinearRegex } from './linear-regex.js';
import type { TimePart } from './time-part.js';

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte';

/**
 * What one value is asked. `text` holds whatever case counts or not; `equal` compares numbers and booleans, also when the event wrote them as text.
 */
export type Test =
  | { readonly kind: 'text'; readonly pattern: Pattern; readonly cased: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'exists' }
  | { readonly kind: 'regex'; readonly regex: LinearRegex }
  | { readonly kind: 'cidr'; readonly block: AddressBlock }
  | { readonly kind: 'compare'; readonly comparison: Comparison; readonly value: number }
  | { readonly kind: 'time'; readonly part: TimePart; readonly comparison: Comparison | 'eq'; readonly value: number }
  | {
      readonly kind: 'fieldref';
      readonly slot: number;
      readonly how: 'equals' | 'contains' | 'startswith' | 'endswith';
      readonly cased: boolean;
    };

/** A test of one field, or of every text of the event where `slot` is {@link anyText}. */
export interface Predicate {
  /** The same for predicates that ask the same: they are evaluated once. */
  readonly key: string;
  readonly slot: number;
  readonly test: Test;
}

/** Slot number of keyword searches. */
export const anyText = -1;

/** What an event must meet. `and` of nothing is true, `or` of nothing false. */
export type Expression =
  | { readonly kind: 'test'; readonly predicate: Predicate }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression };

export function all(of: readonly Expression[]): Expression {
  return of.length === 1 ? of[0]! : { kind: 'and', of };
}

export function any(of: readonly Expression[]): Expression {
  return of.length === 1 ? of[0]! : { kind: 'or', of };
}

export function not(of: Expression): Expression {
  return { kind: 'not', of };
}

/** The text of a single value as string tests see it; objects have none. */
export function textOf(value: FieldValue): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The number of a single value: itself, or a text that is a decimal number and nothing else; NaN otherwise. */
export function numberOf(value: FieldValue): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.length < 32 && /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : NaN;
}
