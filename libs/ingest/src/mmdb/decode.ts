import { ServiceError } from '#telemetry';

/** A value of a MaxMind DB. 128-bit numbers and bytes come as hexadecimal text. */
export type MmdbValue = string | number | boolean | MmdbValue[] | { [key: string]: MmdbValue };

const deepest = 32;
/** Values of a record, those that pointers lead to again included: records of real databases have some hundred. */
const mostValues = 20_000;

/** Decodes the data section of a MaxMind DB (specification 2.0). Offsets are relative to the section's begin. */
export class MmdbDecoder {
  private at = 0;
  private left = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly base: number,
  ) {}

  /** @throws ServiceError `mmdb_corrupt` when the file ends early or does not follow the format. */
  read(offset: number): MmdbValue {
    this.at = this.base + offset;
    this.left = mostValues;
    return this.value(0);
  }

  private value(depth: number): MmdbValue {
    if (depth > deepest) throw corrupt('it is nested too deeply');
    if (--this.left < 0) throw corrupt('a record holds too much');
    const control = this.byte();
    let type = control >> 5;
    if (type === 1) return this.pointer(control, depth);
    if (type === 0) type = 7 + this.byte();
    return this.typed(type, this.size(control), depth);
  }

  private typed(type: number, size: number, depth: number): MmdbValue {
    switch (type) {
      case 2:
        return this.take(size).toString('utf8');
      case 3:
        return this.take(8).readDoubleBE(0);
      case 4:
      case 10:
        return this.take(size).toString('hex');
      case 5:
      case 6:
      case 9:
        return this.unsigned(size);
      case 7:
        return this.map(size, depth);
      case 8:
        return size === 0 ? 0 : size < 4 ? this.unsigned(size) : this.take(4).readInt32BE(0);
      case 11:
        return Array.from({ length: this.count(size) }, () => this.value(depth + 1));
      case 14:
        return size !== 0;
      case 15:
        return this.take(4).readFloatBE(0);
      default:
        throw corrupt(`it holds an unknown type ${type}`);
    }
  }

  private map(size: number, depth: number): MmdbValue {
    const map: Record<string, MmdbValue> = Object.create(null) as Record<string, MmdbValue>;
    for (let left = this.count(size); left > 0; left--) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string') throw corrupt('a key is no text');
      map[key] = this.value(depth + 1);
    }
    return map;
  }

  /** Every entry takes a byte at least: a size beyond the file is a lie. */
  private count(size: number): number {
    if (size > this.bytes.length - this.at) throw corrupt('it ends early');
    return size;
  }

  private pointer(control: number, depth: number): MmdbValue {
    const width = (control >> 3) & 3;
    const low = this.unsigned(width + 1);
    const target = width === 3 ? low : (control & 7) * 2 ** (8 * (width + 1)) + low + [0, 2048, 526_336][width]!;
    const back = this.at;
    this.at = this.base + target;
    const value = this.value(depth + 1);
    this.at = back;
    return value;
  }

  private size(control: number): number {
    const size = control & 31;
    if (size < 29) return size;
    const more = this.unsigned(size - 28);
    return more + [29, 285, 65_821][size - 29]!;
  }

  private unsigned(size: number): number {
    let number = 0;
    for (const byte of this.take(size)) number = number * 256 + byte;
    return number;
  }

  private byte(): number {
    return this.take(1)[0]!;
  }

  private take(size: number): Buffer {
    const end = this.at + size;
    if (end > this.bytes.length) throw corrupt('it ends early');
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }
}

export function corrupt(why: string): ServiceError {
  return new ServiceError('mmdb_corrupt', `The file is no whole MaxMind DB: ${why}.`);
}
