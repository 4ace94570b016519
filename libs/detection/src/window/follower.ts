import type { Observation } from '../detection.js';
import type { GroupReader } from './group.js';

/** A rule that reads another rule's matches or episodes. */
export interface Follower<Window> {
  readonly window: Window;
  /** Place of the read rule among the reader's inputs. */
  readonly input: number;
  readonly reader: GroupReader;
  /** Events count only where this says so. */
  readonly gate?: Gate;
}

/** The state of a key that decides whether events count. */
export interface Gate {
  readonly window: { holds(key: number, time: number): boolean };
  readonly reader: GroupReader;
  /** What the state must be. */
  readonly when: boolean;
}

/** Whether an event does not count because of the state of its key. */
export function isShut({ window, reader, when }: Gate, observation: Observation): boolean {
  const key = reader.read(observation);
  return (key >= 0 && window.holds(key, observation.time)) !== when;
}
