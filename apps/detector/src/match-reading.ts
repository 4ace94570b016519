import type { RunField } from '#cluster';
import { EcsLines, fieldsOfWindows } from '#detection';
import type { FieldIndex } from '#ecs';
import type { CompiledRules } from './rule-sets.js';

/** Rules in force, and what reading with them needs. */
export interface Reading {
  readonly compiled: CompiledRules;
  readonly lines: EcsLines;
  readonly found: Int32Array;
  /** What travels for each unit. */
  readonly fields: readonly (readonly RunField[])[];
  readonly units: readonly (readonly [string, readonly string[]])[];
}

export function readingWith(compiled: CompiledRules, index: FieldIndex): Reading {
  const { rules, router } = compiled;
  return {
    compiled,
    lines: new EcsLines(rules, index),
    found: new Int32Array(rules.detections.length),
    fields: router.units.map(({ rules: own }) => fieldsOfWindows(own).map((name) => ({ name, slot: index.slot(name) }))),
    units: router.units.map(({ id, rules: own }) => [id, own.detections.map(({ rule }) => rule.id)]),
  };
}
