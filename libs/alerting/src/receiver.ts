import { levels, type Level } from '#ecs';

/** A receiver as routing sees it: who is told of what, by which channels. */
export interface Receiver {
  readonly name: string;
  readonly minLevel: Level;
  /** Whether the end of an episode is told too. */
  readonly sendResolved: boolean;
  /** At most so many messages a minute and channel; what is above goes into a digest. */
  readonly maxPerMinute: number;
  /** Names of its channels, in the order of the configuration. */
  readonly channels: readonly string[];
}

/** Whether a receiver wants signals of a level. */
export function wants(receiver: Receiver, level: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(receiver.minLevel);
}
