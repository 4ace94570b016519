import { z } from 'zod';
import { idParameter, paging, range, word } from '#http';

export const notificationSearch = z.strictObject({
  state: z.enum(['waiting', 'delivered', 'given_up']).optional(),
  signal: idParameter.optional().describe('Id of the signal.'),
  limit: paging.limit,
});
export type NotificationParameters = z.infer<typeof notificationSearch>;

export const coverageSearch = z.strictObject({
  ...range,
  rule: word.optional().describe('Id or name of one rule.'),
});
export type CoverageParameters = z.infer<typeof coverageSearch>;
