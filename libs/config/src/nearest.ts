/** The known word that a person most likely meant: at most a third of its letters differ, case and `_`/`-` apart. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = plain(word).slice(0, 64);
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const other = plain(candidate);
    const distance = editDistance(wanted, other);
    if (distance < least && distance <= Math.max(1, Math.floor(Math.max(wanted.length, other.length) / 3))) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** Words that differ only in how they are joined are the same word: `group_by`, `group-by`, `groupBy`, `GROUPBY`. */
export function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, '');
}

/** Insertions, removals, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
