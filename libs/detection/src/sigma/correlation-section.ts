import type { z } from 'zod';
import type { Millis } from '#time';

/** What the reader must know of a rule type; `rule-types.ts` fits. */
export interface RuleTypeShape {
  /** Checks the keys of `correlation:` that only this type has. A strict schema makes unknown keys problems. */
  readonly settings: z.ZodType;
  readonly needsThreshold: boolean;
  readonly needsField: boolean;
  /** Whether `field` may be a list: then combinations of their values are counted. */
  readonly manyFields?: boolean;
  /** Which criteria its condition takes: `gt` and `gte` where this is left out; all of them for whole numbers (`counts`) or any (`numbers`). */
  readonly bounds?: 'counts' | 'numbers';
  /** Fewest rules it reads. */
  readonly leastInputs?: number;
  /** True where it tells nothing itself, and other rules ask it with `unless` and `when`. */
  readonly isState?: boolean;
}
export type RuleTypeShapes = Readonly<Record<string, RuleTypeShape>>;

/** A `correlation` section as read, before names of rules are resolved. */
export interface CorrelationSection {
  readonly type: string;
  /** Ids or names. */
  readonly rules: readonly string[];
  readonly groupBy: readonly string[];
  /** Alias → rule → field. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly timespan: Millis;
  readonly threshold?: number;
  readonly field?: string;
  /** The fields counted together with `field`. */
  readonly otherFields?: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly generate: boolean;
}
