/** Many may read at once; who replaces files does so alone. Whoever waits to be alone goes before later readers. */
export class Gate {
  #readers = 0;
  #alone: Promise<void> = Promise.resolve();
  #waiting: (() => void) | undefined;

  async reading<T>(work: () => Promise<T>): Promise<T> {
    await this.#alone;
    this.#readers++;
    try {
      return await work();
    } finally {
      this.#readers--;
      if (this.#readers === 0) this.#waiting?.();
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#alone;
    let done!: () => void;
    this.#alone = new Promise((resolve) => (done = resolve));
    try {
      await before;
      if (this.#readers > 0) await new Promise<void>((resolve) => (this.#waiting = resolve));
      this.#waiting = undefined;
      return await work();
    } finally {
      done();
    }
  }
}
