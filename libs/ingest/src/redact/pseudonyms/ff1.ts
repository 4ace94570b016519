import { createCipheriv } from 'node:crypto';

/** Numbers below a power of two, each to another one and back. */
export interface Permutation {
  encrypt(value: bigint, tweak: Uint8Array): bigint;
  decrypt(value: bigint, tweak: Uint8Array): bigint;
}

/** One cut of a number into two halves of digits. */
interface Shape {
  readonly radix: bigint;
  readonly length: number;
  /** Digits of the left and of the right half, and how many numbers each holds. */
  readonly left: number;
  readonly right: number;
  readonly lefts: bigint;
  readonly rights: bigint;
  /** Bytes that a half takes in the input of a round, and bytes of a round's output that are used. */
  readonly halfBytes: number;
  readonly roundBytes: number;
}

type Aes = ReturnType<typeof createCipheriv>;

const rounds = 10;

/**
 * Format-preserving encryption FF1 of NIST SP 800-38G over AES, for numbers of `length` digits in a radix. A number keeps its size, the same number
 * becomes the same one under the same key and tweak, and who has the key can go back.
 * @param key of 16, 24 or 32 bytes.
 */
export function ff1(key: Uint8Array, length: number, radix = 2): Permutation {
  // One block at a time: no chaining, so one cipher serves for ever.
  const aes = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  const left = Math.floor(length / 2);
  const right = length - left;
  const halfBytes = Math.ceil(Math.ceil(right * Math.log2(radix)) / 8);
  const shape: Shape = {
    radix: BigInt(radix),
    length,
    left,
    right,
    lefts: BigInt(radix) ** BigInt(left),
    rights: BigInt(radix) ** BigInt(right),
    halfBytes,
    roundBytes: 4 * Math.ceil(halfBytes / 4) + 4,
  };
  return {
    encrypt: (value, tweak) => encrypt(new Rounds(aes, shape, tweak), shape, value),
    decrypt: (value, tweak) => decrypt(new Rounds(aes, shape, tweak), shape, value),
  };
}

function encrypt(round: Rounds, { lefts, rights }: Shape, value: bigint): bigint {
  let a = value / rights;
  let b = value % rights;
  for (let nth = 0; nth < rounds; nth++) [a, b] = [b, (a + round.of(nth, b)) % (nth % 2 === 0 ? lefts : rights)];
  return a * rights + b;
}

function decrypt(round: Rounds, { lefts, rights }: Shape, value: bigint): bigint {
  let a = value / rights;
  let b = value % rights;
  for (let nth = rounds - 1; nth >= 0; nth--) {
    const size = nth % 2 === 0 ? lefts : rights;
    [a, b] = [(((b - round.of(nth, a)) % size) + size) % size, a];
  }
  return a * rights + b;
}

/** The round function: CBC-MAC over the parameters, the tweak, the round and a half. */
class Rounds {
  readonly #head: Buffer;

  constructor(
    private readonly aes: Aes,
    private readonly shape: Shape,
    private readonly tweak: Uint8Array,
  ) {
    const head = Buffer.alloc(16);
    head.set([1, 2, 1]);
    head.writeUIntBE(Number(shape.radix), 3, 3);
    head[6] = rounds;
    head[7] = shape.left % 256;
    head.writeUInt32BE(shape.length, 8);
    head.writeUInt32BE(tweak.length, 12);
    this.#head = aes.update(head);
  }

  of(nth: number, half: bigint): bigint {
    const { halfBytes, roundBytes } = this.shape;
    const length = Math.ceil((this.tweak.length + halfBytes + 1) / 16) * 16;
    const text = Buffer.alloc(length);
    text.set(this.tweak);
    text[length - halfBytes - 1] = nth;
    text.write(half.toString(16).padStart(halfBytes * 2, '0'), length - halfBytes, 'hex');
    let mac = this.#head;
    for (let at = 0; at < length; at += 16) mac = this.aes.update(xored(mac, text.subarray(at, at + 16)));
    const out = [mac];
    for (let more = 1; out.length * 16 < roundBytes; more++) {
      const count = Buffer.alloc(16);
      count.writeUInt32BE(more, 12);
      out.push(this.aes.update(xored(mac, count)));
    }
    return BigInt(`0x${Buffer.concat(out).subarray(0, roundBytes).toString('hex')}`);
  }
}

function xored(a: Uint8Array, b: Uint8Array): Buffer {
  const out = Buffer.alloc(16);
  for (let i = 0; i < 16; i++) out[i] = a[i]! ^ b[i]!;
  return out;
}
