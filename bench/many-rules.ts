import { stringify } from 'yaml';
import { rules36, type RuleText } from './rules36.js';

interface Document {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly correlation?: unknown;
  readonly detection?: Readonly<Record<string, unknown>>;
}

/**
 * The bench's 36 rules, and variants of their detections with other words in the same fields until there are so many: as with a large public set, most rules
 * wait for something that does not come. They are written as people write rules, in YAML of lines. Correlations are not multiplied: each further one counts the same events again.
 */
export function manyRules(count: number): RuleText[] {
  const base = rules36(true);
  const detections = base.map(({ text }) => JSON.parse(text) as Document).filter((rule) => rule.detection && hasWords(rule.detection));
  const rules = base.map(({ file, text }) => ({ file, text: stringify(JSON.parse(text) as Document) }));
  for (let round = 1; rules.length < count; round++)
    for (const rule of detections) {
      if (rules.length >= count) break;
      const number = String(rules.length).padStart(12, '0');
      const varied = { ...rule, id: `5b0c1d1e-0000-4000-9000-${number}`, name: `${rule.name}_${round}`, title: `${rule.title} ${round}` };
      rules.push({ file: `${varied.name}.yml`, text: stringify({ ...varied, detection: variant(rule.detection, round) }) });
    }
  return rules;
}

function hasWords(detection: Readonly<Record<string, unknown>>): boolean {
  return /\|(?:contains|startswith|endswith)/.test(JSON.stringify(detection));
}

/** The same tests with other words: numbers, expressions and networks stay as they are. */
function variant(value: unknown, round: number, field = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => variant(each, round, field));
  if (typeof value === 'string') return /\|(?:contains|startswith|endswith)/.test(field) ? word(value, round) : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, variant(each, round, key)]));
}

/** A word of its own for each round, of about the same length, that begins and ends like the given one. */
function word(text: string, round: number): string {
  const cut = Math.max(1, text.length >> 1);
  return `${text.slice(0, cut)}${(round * 7919).toString(36)}${text.slice(cut)}`;
}
