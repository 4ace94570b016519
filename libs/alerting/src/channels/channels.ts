import { z } from 'zod';
import type { Channel, ChannelParts } from '../notice.js';
import { email } from './email/email.js';
import { log } from './log/log.js';
import { webhook } from './webhook/webhook.js';

/** Every kind of channel there is: a new one gets its line here, and schema, reference and wiring follow. */
export const channels = { email, webhook, log };

type Schema = (typeof channels)[keyof typeof channels]['config'];
const schemas = Object.values(channels).map(({ config }) => config) as [Schema, ...Schema[]];

/** The configuration of one channel, told apart by `type`. */
export const channelConfig = z.discriminatedUnion('type', schemas);
export type ChannelConfig = z.output<typeof channelConfig>;

/** Makes the channel that a configuration describes. */
export function connect(config: ChannelConfig, parts: ChannelParts): Channel {
  // `type` picks the kind whose schema made this very configuration, which the compiler cannot see.
  const kind: { connect(config: ChannelConfig, parts: ChannelParts): Channel } = channels[config.type];
  return kind.connect(config, parts);
}
