import type { Observation, SlotIndex } from '../detection.js';
import type { RuleSet } from '../sigma/rule.js';
import { GroupReader } from '../window/group.js';
import { KeyTable } from '../window/key-table.js';
import { ruleUnits, type RuleUnit } from './units.js';

/** What of an observation is counted in one partition. */
export interface Routed {
  readonly partition: number;
  /** Pairs of a unit's place in `units` and the place of a detection in that unit, one after the other. */
  readonly hits: number[];
}

export interface RouterParts {
  readonly rules: RuleSet;
  readonly index: SlotIndex;
  readonly partitions: number;
  /** As for the windows: addresses that are one group key must meet in one place. */
  readonly ipv6Prefix: number;
}

interface Way {
  readonly unit: number;
  readonly detection: number;
  readonly seed: number;
  /** Undefined where all matches meet in one place. */
  readonly reader: GroupReader | undefined;
}

/** Shares matches out over partitions: those of one group key of one unit always meet, and rules with different keys over one event each count in their own place. */
export class Router {
  readonly units: readonly RuleUnit[];
  readonly #ways: Way[][];
  /** By position in the set: where a detection that tells what is exempt stands in the units; undefined for the others. */
  readonly #exempt: (Pick<Way, 'unit' | 'detection'>[] | undefined)[] = [];

  constructor(private readonly parts: RouterParts) {
    const { rules, index, ipv6Prefix } = parts;
    this.units = ruleUnits(rules);
    this.#ways = rules.detections.map(() => []);
    const table = new KeyTable();
    this.units.forEach(({ id, detections, routeBy, lenient }, unit) => {
      const seed = hashOf(id, 0);
      detections.forEach((at, detection) => {
        const fields = routeBy[detection];
        if (!fields) {
          (this.#exempt[at] ??= []).push({ unit, detection });
          return;
        }
        const reader = fields.length > 0 ? new GroupReader({ table, fields, index, ipv6Prefix, lenient }) : undefined;
        this.#ways[at]!.push({ unit, detection, seed, reader });
      });
    });
  }

  /** Where the first `count` detections of `found`, as the matcher gave them, are counted. */
  route(observation: Observation, found: Int32Array, count: number): Routed[] {
    const routed: Routed[] = [];
    for (let i = 0; i < count; i++) {
      for (const { unit, detection, seed, reader } of this.#ways[found[i]!]!) {
        const key = reader === undefined ? '' : reader.text(observation);
        if (key === undefined) continue;
        const partition = hashOf(key, seed) % this.parts.partitions;
        let one = routed.find((other) => other.partition === partition);
        if (!one) routed.push((one = { partition, hits: [] }));
        one.hits.push(unit, detection);
      }
    }
    if (this.#exempt.length > 0) this.#addExempt(routed, found, count);
    return routed;
  }

  /** Wherever an event is counted for a unit, it is known there what it is exempt from. */
  #addExempt(routed: readonly Routed[], found: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      for (const { unit, detection } of this.#exempt[found[i]!] ?? [])
        for (const { hits } of routed) if (hits.some((other, at) => at % 2 === 0 && other === unit)) hits.push(unit, detection);
    }
  }
}

/** FNV-1a over the characters, mixed at the end: the same in every process. */
function hashOf(text: string, seed: number): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
