const capacity = 4096;
const trial = 512;
const pause = 65_536;
const longestPause = 1 << 20;
const longest = 512;

/**
 * Remembers an answer per value. Where most values are new (paths with ids), it stops trying for a while: then a lookup only costs.
 * Bounded: emptied when full. What it answers never depends on what it remembers.
 */
export class ValueMemo<Answer> {
  readonly #answers = new Map<string | number, Answer>();
  #asked = 0;
  #missed = 0;
  #resting = 0;
  #pause = pause;

  constructor(private readonly answer: (value: string | number) => Answer) {}

  get(value: string | number): Answer {
    if (this.#resting > 0) {
      this.#resting--;
      return this.answer(value);
    }
    const known = this.#answers.get(value);
    this.#asked++;
    if (known !== undefined) return known;
    return this.#learn(value);
  }

  #learn(value: string | number): Answer {
    const answer = this.answer(value);
    this.#missed++;
    if (typeof value === 'number' || value.length <= longest) {
      if (this.#answers.size >= capacity) this.#answers.clear();
      this.#answers.set(typeof value === 'number' ? value : copy(value), answer);
    }
    if (this.#missed >= trial) {
      if (this.#missed * 2 > this.#asked) {
        this.#resting = this.#pause;
        this.#pause = Math.min(this.#pause * 2, longestPause);
        this.#answers.clear();
      } else this.#pause = pause;
      this.#asked = this.#missed = 0;
    }
    return answer;
  }
}

/** A slice keeps the whole text alive that it was cut from (V8, from 13 characters on): one remembered value would hold a block of a megabyte. */
function copy(text: string): string {
  if (text.length < 13) return text;
  const narrow = Buffer.from(text, 'latin1').toString('latin1');
  return narrow === text ? narrow : Buffer.from(text, 'utf16le').toString('utf16le');
}
