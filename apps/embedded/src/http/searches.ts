import { z } from 'zod';
import { levels } from '#ecs';
import { deadLetterReasons } from '#ecs';
import { paging, range } from './parameters.js';

const id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w.:+=@-]+$/, 'expected letters, digits and . _ : + = @ -');
const word = z.string().min(1).max(200);

export const eventSearch = z.looseObject({ ...range, ...paging });
export type EventParameters = z.infer<typeof eventSearch>;

export const signalSearch = z.looseObject({
  ...range,
  rule: word.optional().describe('Id of the rule.'),
  status: z.enum(['open', 'closed', 'merged']).optional(),
  level: z.enum(levels).optional(),
  ...paging,
});
export type SignalParameters = z.infer<typeof signalSearch>;

export const deadLetterSearch = z.strictObject({
  ...range,
  reason: z.enum(deadLetterReasons).optional(),
  source: word.optional().describe('Name of the source.'),
  ...paging,
});
export type DeadLetterParameters = z.infer<typeof deadLetterSearch>;

export const notificationSearch = z.strictObject({
  state: z.enum(['waiting', 'delivered', 'given_up']).optional(),
  signal: id.optional().describe('Id of the signal.'),
  limit: paging.limit,
});
export type NotificationParameters = z.infer<typeof notificationSearch>;

export const coverageSearch = z.strictObject({
  ...range,
  rule: word.optional().describe('Id or name of one rule.'),
});
export type CoverageParameters = z.infer<typeof coverageSearch>;

export const sweepSearch = z.strictObject({
  ...range,
  field: z
    .union([word, z.array(word).max(300)])
    .optional()
    .describe('A field that is wanted, may be repeated; left out: all.'),
});
export type SweepParameters = z.infer<typeof sweepSearch>;

export const idParameter = id;

/** The list that a caller sees when a name is none of ours. */
export const eventNames = Object.keys(eventSearch.shape);
export const signalNames = Object.keys(signalSearch.shape);
