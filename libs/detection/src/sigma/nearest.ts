/** The known word that a typo most likely meant, or `undefined` where nothing is near (Damerau–Levenshtein, at most a third of the letters wrong). */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  word = word.replace(/^'|'$/g, '');
  let best: string | undefined;
  let longer: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    // A name that was cut short: `http.response.status` for `http.response.status_code`. A slip of one letter is nearer.
    if (word.length >= 8 && candidate.startsWith(word) && (longer === undefined || candidate.length < longer.length)) longer = candidate;
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return longer !== undefined && least > 1 ? longer : best;
}

/** `: did you mean 'contains'?` or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const near = nearest(word, known);
  return near === undefined ? '' : `: did you mean '${near}'?`;
}

/** For a key that is missing: `: is 'detecton' meant to be 'detection'?` or nothing. */
export function slipFor(missing: string, present: Iterable<string>): string {
  const near = nearest(missing, present);
  return near === undefined ? '' : `: is '${near}' meant to be '${missing}'?`;
}

function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(row[j - 1]! + 1, above[j]! + 1, above[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    [before, above] = [above, row];
  }
  return above[b.length]!;
}
