import { z } from 'zod';

const file = z.string().min(1).max(4096);

export const mmdbConfig = z
  .strictObject({
    city: file.optional().describe('City or country database: where addresses are; takes the place of geoip-lite.'),
    asn: file.optional().describe('ASN database: whose network an address belongs to.'),
    anonymous: file.optional().describe('Anonymous-IP database: VPN, Tor, hosting, proxies.'),
    stale_after: z.int().min(1).max(3650).default(30).describe('Days after which a database counts as old, and a warning says so.'),
  })
  .prefault({})
  .describe('Databases of your own in the MaxMind DB format (.mmdb). They are read again when they change.');
export type MmdbConfig = z.infer<typeof mmdbConfig>;
