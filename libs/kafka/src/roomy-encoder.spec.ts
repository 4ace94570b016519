import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { makeEncoderRoomy, type Encoder } from './roomy-encoder.js';

type Written = Encoder & { readonly buffer: Buffer; writeVarIntBytes(value: Buffer): Written; writeInt64(value: number): Written };
const load = createRequire(import.meta.url);
const KafkaEncoder = load('kafkajs/src/protocol/encoder') as { readonly prototype: Written; new (): Written };

function batch(sizes: readonly number[]): Buffer {
  const parts = sizes.map((size, at) => new KafkaEncoder().writeVarIntBytes(Buffer.alloc(size, at + 1)).writeInt64(at));
  const all = new KafkaEncoder().writeInt64(7);
  all.writeEncoderArray(parts);
  return Buffer.from(all.writeInt64(8).buffer);
}

it('writes the same bytes as kafkajs does without it', () => {
  const cases = [[], [0], [1, 511, 512, 513], [500_000, 3, 70_000], Array.from({ length: 500 }, (_, at) => at * 3)];
  const before = cases.map(batch);
  makeEncoderRoomy();
  const after = cases.map(batch);
  // As a number each: a difference would else be shown byte by byte.
  expect(after.map((bytes, at) => bytes.compare(before[at]!))).toEqual(cases.map(() => 0));
  expect(String(KafkaEncoder.prototype.ensureAvailable)).toContain('allocUnsafe');
});
