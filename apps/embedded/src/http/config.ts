import { z } from 'zod';
import { bytes, port } from '#config';
import type { HttpSettings } from '#http';
import type { Quota, Quotas } from './quota.js';

const mib = 1 << 20;

const quota = {
  records_per_minute: z.int().min(1).max(1_000_000_000).optional().describe('Records a minute. Absent: any number.'),
  bytes_per_minute: bytes(undefined, { min: '1KiB' }).optional().describe('Bytes a minute, after decompression. Absent: any number.'),
};

/** The `http:` part of the configuration file. */
export const httpConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on. Anything but loopback also needs `allow_public`.'),
  port: port({ orAny: true }).default(7770).describe('Port to listen on; 0 takes a free one.'),
  allow_public: z
    .boolean()
    .default(false)
    .describe('Lets the service listen beyond this machine. Keys travel in clear text over plain HTTP: put a TLS proxy in front.'),
  max_body: bytes('16MiB').describe('Largest request body as sent.'),
  max_inflated: bytes('32MiB')
    .refine((size) => size <= 64 * mib, 'expected at most 64MiB')
    .describe('Largest request body after decompression, at most 64MiB.'),
  max_in_flight: bytes('128MiB').describe('Bodies held in memory at the same time; above it senders are asked to wait.'),
  max_lag_records: z
    .int()
    .min(1)
    .default(2_000_000)
    .describe('Accepted records that may wait for the pipeline; above it senders are asked to wait.'),
  max_connections: z.int().min(1).max(65_535).default(512).describe('Open connections.'),
  max_sweeps: z
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe(
      'Readings of all stored events that may run at the same time, as `rules backtest` and `why` ask for; above it they are told to wait.',
    ),
  quotas: z
    .strictObject({
      ...quota,
      keys: z
        .array(z.strictObject({ name: z.string().min(1).max(64).describe('Name of the key.'), ...quota }))
        .default([])
        .describe('Keys with quotas of their own, which stand for the common one.'),
    })
    .optional()
    .describe(
      'What each key may deliver; above it senders are asked to wait (429). Without it there is no limit but that of the pipeline.',
    ),
});
export type HttpConfig = z.infer<typeof httpConfig>;

/** What the doors take, beside whom they let in. */
export interface DoorSettings extends HttpSettings {
  readonly maxBodyBytes: number;
  readonly maxInflatedBytes: number;
  readonly maxInFlightBytes: number;
  readonly maxLagRecords: number;
  readonly quotas?: Quotas;
}

export function httpSettings(config: HttpConfig): DoorSettings {
  return {
    allowPublic: config.allow_public,
    maxBodyBytes: config.max_body,
    maxInflatedBytes: config.max_inflated,
    maxInFlightBytes: config.max_in_flight,
    maxLagRecords: config.max_lag_records,
    maxSweeps: config.max_sweeps,
    maxConnections: config.max_connections,
    ...(config.quotas && {
      quotas: { each: quotaOf(config.quotas), byKey: new Map(config.quotas.keys.map((key) => [key.name, quotaOf(key)])) },
    }),
  };
}

function quotaOf({ records_per_minute: recordsPerMinute, bytes_per_minute: bytesPerMinute }: QuotaConfig): Quota {
  return { ...(recordsPerMinute !== undefined && { recordsPerMinute }), ...(bytesPerMinute !== undefined && { bytesPerMinute }) };
}

interface QuotaConfig {
  readonly records_per_minute?: number | undefined;
  readonly bytes_per_minute?: number | undefined;
}
