import { parseDocument } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '#time';

const duration = z.string().transform((text, context) => {
  const millis = parseDuration(text);
  if (millis === undefined) context.addIssue({ code: 'custom', message: `expected a duration such as '90s' or '5m', got '${text}'` });
  return millis ?? 0;
});

const point = z.strictObject({ lat: z.number(), lon: z.number() });
const fieldValue = z.union([z.string(), z.number(), z.boolean(), point, z.array(z.string())]);

/** One event, or a row of them: `at`, `repeat`, and the event's fields. In texts `{n}` is the number of the repetition, from 1. */
const caseEvent = z
  .object({
    at: duration.describe('When, counted from the start of the case.'),
    repeat: z.strictObject({ times: z.int().min(1).max(1_000_000), every: duration }).optional(),
  })
  .catchall(fieldValue);

const names = z.union([z.string().transform((name) => [name]), z.array(z.string()).min(1)]);

const expectedSignal = z.strictObject({
  rule: z.string().describe('Name of the rule.'),
  group: z.union([z.string().transform((value) => [value]), z.array(z.string())]).describe('Values of the group-by, in its order.'),
  count: z.int().optional(),
});

const ruleCase = z.strictObject({
  name: z.string(),
  about: names.describe('Names of the rules that the case shows.'),
  kind: z.enum(['fires', 'quiet', 'near_miss']),
  events: z.array(caseEvent).min(1),
  signals: z.array(expectedSignal).default([]).describe('Every signal of the rules of this folder, and no other.'),
});

/** A `cases.yml`: timelines that prove what a rule does. */
export const caseFile = z.strictObject({
  uses: z.array(z.string()).default([]).describe('Sibling folders whose rules are needed too.'),
  fields: z.record(z.string(), fieldValue).default({}).describe('Fields that every event of the file has unless it says otherwise.'),
  cases: z.array(ruleCase).min(1),
});

export type CaseFile = z.infer<typeof caseFile>;
export type RuleCase = z.infer<typeof ruleCase>;
export type CaseEvent = z.infer<typeof caseEvent>;
export type CaseValue = z.infer<typeof fieldValue>;

/** Reads a `cases.yml`; problems name place and expectation. */
export function readCaseFile(text: string): { cases: CaseFile } | { problems: string[] } {
  const document = parseDocument(text);
  if (document.errors.length) return { problems: document.errors.map(({ message }) => `not valid YAML: ${message}`) };
  const parsed = caseFile.safeParse(document.toJS());
  if (parsed.success) return { cases: parsed.data };
  return { problems: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

/** JSON Schema of `cases.yml`, for editors. */
export function caseJsonSchema(): object {
  return z.toJSONSchema(caseFile, { io: 'input', unrepresentable: 'any' });
}
