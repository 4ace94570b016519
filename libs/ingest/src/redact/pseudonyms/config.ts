import { z } from 'zod';
import { secret } from '#config';

export const pseudonymsConfig = z
  .strictObject({
    users: z.boolean().default(true).describe('Replace ids, names and mail addresses of users.'),
    addresses: z
      .boolean()
      .default(false)
      .describe('Replace the addresses of callers by others that nobody has, once geography, networks, feeds and lists were asked.'),
    fields: z
      .array(z.string().min(1).max(128))
      .max(500)
      .default([])
      .describe('Further JSON fields that hold users, by their last name: customer_no, patient. Compared without case.'),
    key: secret().describe(
      'What pseudonyms are made with and revealed by. Best kept apart from the data; with another key everybody gets another pseudonym.',
    ),
  })
  .describe('Users, and addresses of callers, are stored under pseudonyms; `gatewatch reveal` tells who it is and keeps a record of that.');
export type PseudonymsConfig = z.infer<typeof pseudonymsConfig>;
