import type { Progress } from '#cluster';

/**
 * The wall clock of a windows task: as far as the slowest channel has come. While one of the channels that there are has not been heard of, time stands still, and so nothing is
 * taken for idle and nothing is closed because another channel was read faster, or because the process that reads a channel is away.
 */
export class HeldClock {
  readonly #reached = new Map<string, Progress>();
  readonly #channels: Set<string>;
  #value: number | undefined;
  /** Before all channels were heard of. */
  #earliest = Infinity;

  constructor(channels: readonly string[], saved: Readonly<Record<string, Progress>>) {
    this.#channels = new Set(channels);
    for (const [channel, one] of Object.entries(saved)) this.#reached.set(channel, one);
    this.#compute();
  }

  get channels(): readonly string[] {
    return [...this.#channels];
  }

  /** Undefined until every channel was heard of. */
  get value(): number | undefined {
    return this.#value;
  }

  know(channels: readonly string[]): void {
    for (const channel of channels) this.#channels.add(channel);
  }

  /** What stands for the arrival of a record. */
  at(arrival: number): number {
    if (this.#value !== undefined) return this.#value;
    this.#earliest = Math.min(this.#earliest, arrival);
    return this.#earliest;
  }

  /** Takes a progress; gives the channel's largest stamp where it has grown. An older progress, as of a process that was thought dead, says nothing. */
  reach(channel: string, { stamp, clock }: Progress): number | undefined {
    const before = this.#reached.get(channel);
    const highest = Math.max(stamp ?? -Infinity, before?.stamp ?? -Infinity);
    this.#channels.add(channel);
    this.#reached.set(channel, { clock: Math.max(clock, before?.clock ?? 0), ...(Number.isFinite(highest) && { stamp: highest }) });
    this.#compute();
    return highest > (before?.stamp ?? -Infinity) ? highest : undefined;
  }

  saved(): Record<string, Progress> {
    return Object.fromEntries(this.#reached);
  }

  #compute(): void {
    if (this.#channels.size === 0) return;
    let least = Infinity;
    for (const channel of this.#channels) {
      const reached = this.#reached.get(channel);
      if (!reached) return;
      if (reached.clock < least) least = reached.clock;
    }
    // A channel that is new begins where time is: it does not set it back.
    if (this.#value === undefined || least > this.#value) this.#value = least;
  }
}
