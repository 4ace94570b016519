import type { Clock, Millis } from '#time';

/** Multiples of it, taken modulo 1, lie evenly however many there are. */
const goldenRatio = 0.618034;
/** Where little is saved: so much is folded again after a loss, at most. */
const often: Millis = 2000;

/** When the checkpoints of one task are due. The first comes earlier by a part of `every` that depends on the partition: tasks of a process that all save at once stop everything for as long. */
export class CheckpointTimes {
  #at: Millis;
  #due: Millis;

  constructor(
    private readonly clock: Clock,
    partition: number,
    private readonly every: Millis = often,
  ) {
    this.#at = clock.now();
    this.#due = this.#at + every * (1 - ((partition * goldenRatio) % 1));
  }

  /** Of which moment the state is that was saved last, or is being saved; before that, when the task was opened. */
  get at(): Millis {
    return this.#at;
  }

  get isDue(): boolean {
    return this.clock.now() >= this.#due;
  }

  /** A checkpoint is taken now. */
  taken(): void {
    this.#at = this.clock.now();
    this.#due = this.#at + this.every;
  }
}
