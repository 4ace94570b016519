import { z } from 'zod';

const list = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z\d][a-z\d_-]{0,63}$/, 'expected a short word in lower case')
    .describe('What gatewatch.source.lists or gatewatch.user.lists gets: leavers, vips, partners.'),
  file: z
    .string()
    .min(1)
    .max(4096)
    .describe('CSV: addresses and networks are looked for in source.ip, everything else in the user. Read again when it changes.'),
  column: z
    .union([z.int().min(1).max(1000), z.string().min(1).max(256)])
    .default(1)
    .describe('Column that holds the entry: its number from 1 on, or its name in the first row.'),
});

export const watchListsConfig = z
  .array(list)
  .max(50)
  .default([])
  .describe('Lists of your own: leavers, VIPs, service accounts, own networks, egress of partners.');
export type WatchListConfig = z.infer<typeof list>;
