import { z } from 'zod';
import { levels } from '#ecs';
import { deadLetterReasons } from '#ecs';
import { paging, range } from './parameters.js';

const id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w.:+=@-]+$/, 'expected letters, digits and . _ : + = @ -');
/** A name or another short text. */
export const word = z.string().min(1).max(200);

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

export const sweepSearch = z.strictObject({
  ...range,
  field: z
    .union([word, z.array(word).max(300)])
    .optional()
    .describe('A field that is wanted, may be repeated; left out: all. Fields beyond the table may come in any case.'),
});
export type SweepParameters = z.infer<typeof sweepSearch>;

/** An id in an address or a parameter. */
export const idParameter = id;

/** The list that a caller sees when a name is none of ours. */
export const eventNames = Object.keys(eventSearch.shape);
export const signalNames = Object.keys(signalSearch.shape);
