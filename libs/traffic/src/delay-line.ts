/**
 * Lines on their way: each is put into the second in which it arrives and taken when that second has come. Holds as many seconds as the longest delay.
 */
export class DelayLine {
  readonly #seconds: string[][];
  #now = 0;

  /** `longest`: seconds that a line may be late. */
  constructor(longest: number) {
    this.#seconds = Array.from({ length: longest + 2 }, () => []);
  }

  put(line: string, secondsLate: number): void {
    this.#seconds[(this.#now + secondsLate) % this.#seconds.length]!.push(line);
  }

  /** The lines of the present second; the next second begins. The list is the caller's until the next call but one. */
  take(): string[] {
    const place = this.#now % this.#seconds.length;
    const due = this.#seconds[place]!;
    this.#seconds[place] = [];
    this.#now++;
    return due;
  }

  /** Seconds after which a line just put at the longest delay has been taken. */
  get length(): number {
    return this.#seconds.length;
  }
}
