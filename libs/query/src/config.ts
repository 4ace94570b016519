import { z } from 'zod';
import { port } from '#config';

/** The `query:` part of the configuration file: the process that answers from the store that others fill. */
export const queryConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on. Anything but loopback also needs `allow_public`.'),
  port: port({ orAny: true }).default(7770).describe('Port to listen on; 0 takes a free one.'),
  allow_public: z
    .boolean()
    .default(false)
    .describe('Lets it listen beyond this machine. Keys travel in clear text over plain HTTP: put a TLS proxy in front.'),
  max_connections: z.int().min(1).max(65_535).default(512).describe('Open connections.'),
  max_sweeps: z
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe(
      'Readings of all stored events that may run at the same time, as `rules backtest` and `why` ask for; above it they are told to wait.',
    ),
  keys_file: z
    .string()
    .min(1)
    .default('keys.json')
    .describe(
      'File with the keys, which `gatewatch keys add NAME read --file FILE` makes. It is only read here; changes are seen within a second.',
    ),
});

export type QueryConfig = z.output<typeof queryConfig>;
