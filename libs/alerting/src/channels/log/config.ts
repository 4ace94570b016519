import { z } from 'zod';
import { channelName } from '../define.js';

export const logConfig = z.strictObject({
  type: z.literal('log').describe('Writes a line to the log of the service; for development and the demo.'),
  name: channelName,
});
export type LogConfig = z.output<typeof logConfig>;
