import { z } from 'zod';
import type { Channel, ChannelParts } from '../notice.js';

/** A kind of channel: the schema of its configuration, and how it is made from that. */
export interface ChannelKind<Schema extends z.ZodType> {
  readonly config: Schema;
  connect(config: z.output<Schema>, parts: ChannelParts): Channel;
}

export function defineChannel<Schema extends z.ZodType>(
  config: Schema,
  connect: (config: z.output<Schema>, parts: ChannelParts) => Channel,
): ChannelKind<Schema> {
  return { config, connect };
}

/** Keys that every channel has beside its own. */
export const channelName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/i, 'expected letters, digits, "-" and "_", at most 40')
  .optional()
  .describe('Name of this channel within its receiver; the type if left out. Needed where a receiver has two channels of one type.');
