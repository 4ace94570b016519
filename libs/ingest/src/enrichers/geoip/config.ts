import { z } from 'zod';

export const geoipConfig = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Look up where an address is. Without it, rules on countries and travel stay silent; saves about 150 MB of memory.'),
    cache: z.number().int().min(100).max(1_000_000).default(50_000).describe('Addresses whose answer is remembered.'),
  })
  .prefault({})
  .describe('Geography of addresses, from the data that come with geoip-lite.');

export type GeoipConfig = z.infer<typeof geoipConfig>;
