import { z } from 'zod';
import { duration, httpUrl } from '#config';
import { levels } from '#ecs';
import { channelConfig, type ChannelConfig } from './channels/channels.js';

const receiverName = z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,59}$/i, 'expected letters, digits, ".", "-" and "_", at most 60');

const channelList = z
  .array(channelConfig)
  .min(1)
  .superRefine((channels, context) => {
    const seen = new Set<string>();
    for (const [index, channel] of channels.entries()) {
      const name = nameOf(channel);
      if (seen.has(name)) {
        const message = `a second channel is called "${name}"; give one of them a name of its own with "name:"`;
        context.addIssue({ code: 'custom', path: [index, 'name'], message, input: name });
      }
      seen.add(name);
    }
  });

const maxPerMinute = z
  .int()
  .min(1)
  .max(1000)
  .default(20)
  .describe('At most so many messages a minute and channel; above that, one digest says the rest.');

export const receiverConfig = z.strictObject({
  name: receiverName.describe('Name of the receiver, in the outbox and in the log.'),
  min_level: z.enum(levels).default('medium').describe('Signals below this level are not told.'),
  send_resolved: z.boolean().default(true).describe('Whether the end of an episode is told too.'),
  max_per_minute: maxPerMinute,
  channels: channelList.describe('Ways to tell this receiver; each gets every notice.'),
});

export const fallbackConfig = z.strictObject({
  name: receiverName.default('fallback').describe('Name of the fallback, in the outbox and in the log.'),
  max_per_minute: maxPerMinute,
  channels: channelList.describe('Ways to tell the fallback. They should not depend on what the other receivers depend on.'),
});

/** The `alerting:` part of the configuration file. */
export const alertingConfig = z
  .strictObject({
    base_url: httpUrl()
      .optional()
      .describe('Where people reach the API of this service; links in notices are made of it. Left out: the address it listens on.'),
    retry_for: duration('72h').describe('How long a notice is tried before it is given up and the fallback is told.'),
    concurrency: z.int().min(1).max(64).default(4).describe('How many messages may be under way at once, over all receivers.'),
    receivers: z
      .array(receiverConfig)
      .prefault([{ name: 'log', channels: [{ type: 'log' }] }])
      .describe('Who is told. Left out: notices are written to the log.'),
    fallback: fallbackConfig.optional().describe('Who is told what could not be told to a receiver.'),
  })
  .superRefine(({ receivers, fallback }, context) => {
    const seen = new Set<string>(fallback ? [fallback.name] : []);
    for (const [index, { name }] of receivers.entries()) {
      if (seen.has(name))
        context.addIssue({
          code: 'custom',
          path: ['receivers', index, 'name'],
          message: `"${name}" is taken by another receiver`,
          input: name,
        });
      seen.add(name);
    }
  });
export type AlertingConfig = z.output<typeof alertingConfig>;

/** What a channel is called in the outbox. */
export function nameOf(channel: ChannelConfig): string {
  return channel.name ?? channel.type;
}
