import { createRequire } from 'node:module';

/** Of kafkajs, and not among what it gives out: what all that it sends is written with. */
export interface Encoder {
  buf: Buffer;
  offset: number;
  ensureAvailable(length: number): void;
  writeEncoderArray(parts: readonly Encoder[]): Encoder;
}

interface EncoderClass {
  readonly prototype: Encoder;
}

/** Room for what follows a large value, which else would have all of it copied once more. */
const behind = 1024;

/**
 * Writing a batch of messages of half a megabyte each costs kafkajs more than compressing it: for each message it takes zeroed memory anew, up to the next power of two, and copies
 * all that it has. Here memory is taken once for a batch, and not zeroed, since all of what is sent of it is written. The bytes are the same. Where a release of kafkajs has no such place, it stays as it is.
 */
export function makeEncoderRoomy(): void {
  const found = encoderOf('kafkajs/src/protocol/encoder');
  if (found) makeRoomy(found.prototype);
}

function makeRoomy(encoder: Encoder): void {
  encoder.ensureAvailable = function (length) {
    const needed = this.offset + length;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed + behind, this.buf.length * 2));
    this.buf.copy(larger, 0, 0, this.offset);
    this.buf = larger;
  };
  encoder.writeEncoderArray = function (parts) {
    let size = 0;
    for (const part of parts) size += part.offset;
    this.ensureAvailable(size);
    for (const part of parts) this.offset += part.buf.copy(this.buf, this.offset, 0, part.offset);
    return this;
  };
}

function encoderOf(path: string): EncoderClass | undefined {
  try {
    const found = createRequire(import.meta.url)(path) as Partial<EncoderClass>;
    const { prototype } = found;
    const fits = typeof prototype?.ensureAvailable === 'function' && typeof prototype.writeEncoderArray === 'function';
    return fits ? { prototype } : undefined;
  } catch {
    return undefined;
  }
}
