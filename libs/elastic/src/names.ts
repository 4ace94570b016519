/** Names of everything that one installation keeps in a cluster. */
export interface Names {
  readonly events: string;
  readonly deadLetters: string;
  /** Alias over the monthly indices of signals. */
  readonly signals: string;
  /** Index of what each windows task says of coverage. */
  readonly coverage: string;
  /** Index with the marks of the tasks. */
  readonly marks: string;
}

/** Data streams are called `type-dataset-namespace`, so that Kibana's and a role's patterns such as `logs-*` fit. */
export function namesIn(namespace: string): Names {
  return {
    events: `logs-gatewatch.events-${namespace}`,
    deadLetters: `logs-gatewatch.dead_letters-${namespace}`,
    signals: `alerts-gatewatch.signals-${namespace}`,
    coverage: `gatewatch.coverage-${namespace}`,
    marks: `gatewatch.marks-${namespace}`,
  };
}

/** The index that holds a signal whose first event happened at `time`: one a month, UTC. */
export function signalIndex(names: Names, time: number): string {
  return `${names.signals}-${monthOf(time)}`;
}

/** Indices of the months after that of `first` up to that of `last`. */
export function laterSignalIndices(names: Names, first: number, last: number): string[] {
  const found: string[] = [];
  const day = new Date(first);
  const end = monthOf(last);
  // A year at most: an episode that claims more has a clock problem, and each month costs an operation.
  for (let step = 1; step <= 12; step++) {
    const month = monthOf(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + step, 1));
    if (month > end) break;
    found.push(`${names.signals}-${month}`);
  }
  return found;
}

/** `2026.11` */
export function monthOf(time: number): string {
  const day = new Date(time);
  return `${String(day.getUTCFullYear()).padStart(4, '0')}.${String(day.getUTCMonth() + 1).padStart(2, '0')}`;
}
