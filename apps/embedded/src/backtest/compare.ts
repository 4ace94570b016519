import type { Found } from './found.js';

/** The same rule and entity under two versions of a rule set. */
export interface Difference {
  readonly rule: string;
  readonly name: string;
  readonly entity: string;
  readonly only_a: number;
  readonly only_b: number;
  readonly both: number;
  /** Of those in both: how many counted other events or another time. */
  readonly changed: number;
}

export interface Comparison {
  readonly only_a: number;
  readonly only_b: number;
  readonly both: number;
  readonly changed: number;
  /** Rules and entities, those with most difference first; what is in both and alike is left out. */
  readonly differences: readonly Difference[];
}

/**
 * Pairs the signals of two runs over the same events. Signal ids hold the rule's version, so they differ by nature: signals of one rule and entity are the same
 * where their times overlap.
 */
export function compare(a: readonly Found[], b: readonly Found[]): Comparison {
  const [left, right] = [byEntity(a), byEntity(b)];
  const differences: Difference[] = [];
  const total = { only_a: 0, only_b: 0, both: 0, changed: 0 };
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const [ours, theirs] = [left.get(key) ?? [], right.get(key) ?? []];
    const { both, changed } = paired(ours, theirs);
    const { rule, name, entity } = (ours[0] ?? theirs[0])!;
    const one = { only_a: ours.length - both, only_b: theirs.length - both, both, changed };
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += one[name];
    if (one.only_a || one.only_b || changed) differences.push({ rule, name, entity, ...one });
  }
  const weight = ({ only_a: onlyA, only_b: onlyB, changed }: Difference): number => (onlyA + onlyB) * 1000 + changed;
  differences.sort((one, other) => weight(other) - weight(one) || (one.name + one.entity < other.name + other.entity ? -1 : 1));
  return { ...total, differences };
}

function byEntity(found: readonly Found[]): Map<string, Found[]> {
  const groups = new Map<string, Found[]>();
  for (const one of found) {
    const key = JSON.stringify([one.rule, one.values]);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  for (const group of groups.values()) group.sort((one, other) => one.first - other.first);
  return groups;
}

/** Both lists are in time and their signals do not overlap each other: one walk pairs them. */
function paired(ours: readonly Found[], theirs: readonly Found[]): { both: number; changed: number } {
  let [i, j, both, changed] = [0, 0, 0, 0];
  while (i < ours.length && j < theirs.length) {
    const [one, other] = [ours[i]!, theirs[j]!];
    if (one.last < other.first) i++;
    else if (other.last < one.first) j++;
    else {
      both++;
      if (one.count !== other.count || one.first !== other.first || one.last !== other.last) changed++;
      i++;
      j++;
    }
  }
  return { both, changed };
}
