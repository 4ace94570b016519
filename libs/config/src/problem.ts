import { printable } from '#telemetry';

/** A step in a configuration value: a key of a mapping or an index of a list. */
export type Path = readonly (string | number)[];

/** Where something was written. Lines and columns count from 1; a value from the environment has neither. */
export interface Place {
  /** The file as it was named, or `environment:NAME`. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** One thing wrong, or odd, in a configuration: thing, place, value, remedy. */
export interface ConfigProblem extends Place {
  /** `alerting.receivers[0].smtp.port`; empty for the file as a whole. */
  readonly path: string;
  /** What was expected and what was found. The value of a secret is never in it. */
  readonly message: string;
  /** What to do about it, where that can be said. */
  readonly remedy?: string;
}

/** `['a', 0, 'b c']` → `a[0]["b c"]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text ? `.${step}` : step;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/**
 * One line a problem, in the order of the file, as a person reads it in a terminal:
 * `gatewatch.yml:14  alerting.receivers[0].smtp.port: expected an integer, got "twenty-five"`.
 */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  return [...problems].sort(byPlace).map(formatProblem).join('\n');
}

function formatProblem({ file, line, path, message, remedy }: ConfigProblem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return printable(`${place}  ${path && `${path}: `}${message}${remedy ? `; ${remedy}` : ''}`);
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  return (
    Number(a.file.startsWith('environment:')) - Number(b.file.startsWith('environment:')) ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0)
  );
}
