import { z } from 'zod';
import { duration } from '#config';
import { ruleTuning } from './sigma/tuning.js';

const silence = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether a regular source that falls silent gives a signal of the detector about itself.'),
  at_least: duration('10m').describe('No shorter pause of a source is a silence.'),
  factor: z
    .number()
    .min(1)
    .max(100)
    .default(3)
    .describe('A pause is a silence when it is so many times as long as the longest of the day before.'),
  learning: duration('1h').describe('A source is regular, and watched, when it was heard for so long and sent at least 60 records.'),
});

/** Settings of detection that every mode has: spread into the schema of `detection`. */
export const detectionConfig = {
  shipped: z.boolean().default(true).describe('Whether the rules that come with Gatewatch are used.'),
  rules: z
    .array(z.string().min(1))
    .default([])
    .describe('Sigma rules of your own: files or folders. They are read again when they change.'),
  ...ruleTuning.shape,
  idle_after: duration('1m').describe('A source that is silent for so long no longer holds the watermark back.'),
  max_keys: z
    .int()
    .min(100)
    .default(1_000_000)
    .describe('Group keys that one rule may track; above it the oldest is given up, counted, and told.'),
  ipv6_prefix: z
    .int()
    .min(32)
    .max(128)
    .default(64)
    .describe('IPv6 addresses are grouped by so many bits, since one customer has a whole /64.'),
  silence: silence.prefault({}),
};
