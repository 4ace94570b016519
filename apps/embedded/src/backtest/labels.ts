import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { CommandError } from '../commands/io.js';
import type { Found } from './found.js';

const verdicts = { true_positive: true, tp: true, true: true, false_positive: false, fp: false, false: false } as const;
const label = z
  .strictObject({
    signal: z.string().min(1).optional(),
    rule: z.string().min(1).optional(),
    entity: z.string().min(1).optional(),
    verdict: z.enum(Object.keys(verdicts) as [keyof typeof verdicts, ...(keyof typeof verdicts)[]]),
  })
  .refine(({ signal, rule, entity }) => Boolean(signal ?? rule ?? entity), 'expected a signal, a rule or an entity');

/** What somebody said of a signal, of an entity of a rule, or of either alone. */
export type Label = z.output<typeof label>;

export interface Precision {
  readonly true_positives: number;
  readonly false_positives: number;
  readonly unlabelled: number;
  /** True positives among those judged; absent where nothing was. */
  readonly precision?: number;
}

/**
 * Reads verdicts: a JSON list or one JSON object a line with `signal`, or `rule` and `entity`, and `verdict`; or CSV with these names in its first line.
 * @throws CommandError naming the line that is wrong
 */
export function readLabels(path: string): Label[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(`--labels: ${path}: ${(error as Error).message}`);
  }
  return parseLabels(text, path);
}

export function parseLabels(text: string, path: string): Label[] {
  const trimmed = text.trim();
  const [head = '', ...rest] = trimmed.split(/\r?\n/);
  const rows: unknown[] = trimmed.startsWith('[')
    ? (json(trimmed, `${path}:1`) as unknown[])
    : trimmed.startsWith('{')
      ? [head, ...rest].map((line, at) => json(line, `${path}:${at + 1}`))
      : rest.map((line) => rowOf(csv(head), csv(line)));
  return rows.map((row, at) => {
    const read = label.safeParse(row);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw new CommandError(`${path}: label ${at + 1}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}`);
  });
}

function json(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${place}: ${(error as Error).message}`);
  }
}

/** One line of CSV (RFC 4180), without line ends in values. */
function csv(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

function rowOf(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name, at) => (values[at] ? [[name.trim(), values[at].trim()]] : [])));
}

/** Says what was judged. The verdict on a signal itself comes first, then on rule and entity, then on either alone. */
export class Verdicts {
  readonly #bySignal = new Map<string, boolean>();
  readonly #byPair = new Map<string, boolean>();

  constructor(labels: readonly Label[]) {
    for (const { signal, rule = '', entity = '', verdict } of labels) {
      if (signal !== undefined) this.#bySignal.set(signal, verdicts[verdict]);
      else this.#byPair.set(pair(rule, entity), verdicts[verdict]);
    }
  }

  of({ id, rule, name, entity, values }: Found): boolean | undefined {
    const own = this.#bySignal.get(id);
    if (own !== undefined) return own;
    const entities = [entity, ...values, ''];
    for (const ruleName of [rule, name, ''])
      for (const one of entities) {
        const verdict = this.#byPair.get(pair(ruleName, one));
        if (verdict !== undefined) return verdict;
      }
    return undefined;
  }

  precision(found: readonly Found[]): Precision {
    let [right, wrong] = [0, 0];
    for (const one of found) {
      const verdict = this.of(one);
      if (verdict === true) right++;
      else if (verdict === false) wrong++;
    }
    const judged = right + wrong;
    return {
      true_positives: right,
      false_positives: wrong,
      unlabelled: found.length - judged,
      ...(judged > 0 && { precision: right / judged }),
    };
  }
}

function pair(rule: string, entity: string): string {
  return JSON.stringify([rule, entity]);
}
