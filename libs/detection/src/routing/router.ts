import type { Observation, SlotIndex } from '../detection.js';
import type { RuleSet } from '../sigma/rule.js';
import { GroupReader } from '../window/group.js';
import { KeyTable } from '../window/key-table.js';
import { ruleUnits, type RuleUnit } from './units.js';

/** What of an observation is counted in one partition. */
export interface Routed {
  readonly partition: number;
  /** Pairs of a unit's place in `units` and the place of a detection in that unit, one after the other, by unit. */
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
  readonly place: KeyPlace;
}

/** Where one kind of key is counted. Units of the same fields share it: what they count of an event travels once. */
class KeyPlace {
  #turn = -1;
  #partition: number | undefined;

  /** @param reader Undefined where all matches meet in one place. */
  constructor(
    private readonly seed: number,
    private readonly partitions: number,
    private readonly reader: GroupReader | undefined,
  ) {}

  /** Undefined for an event without such a key. `turn` is another for each event. */
  of(observation: Observation, turn: number): number | undefined {
    if (turn === this.#turn) return this.#partition;
    const key = this.reader === undefined ? '' : this.reader.text(observation);
    this.#turn = turn;
    this.#partition = key === undefined ? undefined : hashOf(key, this.seed) % this.partitions;
    return this.#partition;
  }
}

/** Shares matches out over partitions: those of one group key of one unit always meet, and rules with different keys over one event each count in their own place. */
export class Router {
  readonly units: readonly RuleUnit[];
  readonly #ways: Way[][];
  /** Counts the events. */
  #turn = 0;
  /** By position in the set: where a detection that tells what is exempt stands in the units; undefined for the others. */
  readonly #exempt: (Pick<Way, 'unit' | 'detection'>[] | undefined)[] = [];

  constructor(parts: RouterParts) {
    const { rules, index, ipv6Prefix, partitions } = parts;
    this.units = ruleUnits(rules);
    this.#ways = rules.detections.map(() => []);
    const table = new KeyTable();
    const places = new Map<string, KeyPlace>();
    const placeOf = (seed: number, fields: readonly string[], lenient: boolean): KeyPlace => {
      const name = `${seed} ${lenient} ${fields.join('\n')}`;
      const known = places.get(name);
      if (known) return known;
      const reader = fields.length > 0 ? new GroupReader({ table, fields, index, ipv6Prefix, lenient }) : undefined;
      const made = new KeyPlace(seed, partitions, reader);
      places.set(name, made);
      return made;
    };
    this.units.forEach(({ id, detections, routeBy, lenient }, unit) => {
      const names = new Set(routeBy.map((fields) => fields.join('\n')));
      const [first = ''] = names;
      // Units without a key, or with one that has several names, are spread by their own; the others by their fields, so that they share what they count.
      const seed = hashOf(names.size === 1 && first !== '' ? first : id, 0);
      detections.forEach((at, detection) => {
        const fields = routeBy[detection];
        if (!fields) {
          (this.#exempt[at] ??= []).push({ unit, detection });
          return;
        }
        this.#ways[at]!.push({ unit, detection, place: placeOf(seed, fields, lenient) });
      });
    });
  }

  /** Where the first `count` detections of `found`, as the matcher gave them, are counted. */
  route(observation: Observation, found: Int32Array, count: number): Routed[] {
    const routed: Routed[] = [];
    this.#turn++;
    for (let i = 0; i < count; i++) {
      for (const { unit, detection, place } of this.#ways[found[i]!]!) {
        const partition = place.of(observation, this.#turn);
        if (partition === undefined) continue;
        let one = routed.find((other) => other.partition === partition);
        if (!one) routed.push((one = { partition, hits: [] }));
        add(one.hits, unit, detection);
      }
    }
    if (this.#exempt.length > 0) this.#addExempt(routed, found, count);
    return routed;
  }

  /** Wherever an event is counted for a unit, it is known there what it is exempt from. */
  #addExempt(routed: readonly Routed[], found: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      for (const { unit, detection } of this.#exempt[found[i]!] ?? [])
        for (const { hits } of routed) if (hits.some((other, at) => at % 2 === 0 && other === unit)) add(hits, unit, detection);
    }
  }
}

/** Behind the other hits of the unit: a unit sees an event once, with everything that it is to it. */
function add(hits: number[], unit: number, detection: number): void {
  let at = hits.length;
  while (at > 0 && hits[at - 2]! > unit) at -= 2;
  if (at === hits.length) hits.push(unit, detection);
  else hits.splice(at, 0, unit, detection);
}

/** FNV-1a over the characters, mixed at the end: the same in every process. */
function hashOf(text: string, seed: number): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
