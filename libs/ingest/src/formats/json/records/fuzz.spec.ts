import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '#ecs';
import { batchOf, ingestFor } from '../../../spec-kit.js';

const here = new URL('./', import.meta.url);
const records = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(new URL(`${name}/fixtures/`, here)).map((file) => `${name}/fixtures/${file}`))
  .filter((file) => file.endsWith('.log'))
  .flatMap((file) => readFileSync(new URL(file, here), 'utf8').trim().split('\n'))
  .map((line) => JSON.parse(line) as JsonObject);

/** What a sender may write where a vendor documents something else. */
const odd = fc.oneof(
  fc.constantFrom<JsonValue>(
    null,
    '',
    '-',
    0,
    -1,
    1e30,
    true,
    [],
    {},
    [null],
    [[]],
    { constructor: { prototype: 1 } },
    'x'.repeat(5000),
    '\u0000\u202e',
  ),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>,
);

/** A copy with one value somewhere replaced or taken away. */
function mutated(value: JsonValue, path: readonly number[], put: JsonValue | undefined): JsonValue {
  if (typeof value !== 'object' || value === null || path.length === 0) return put ?? null;
  const keys = Object.keys(value);
  if (keys.length === 0) return put ?? null;
  const chosen = keys[path[0]! % keys.length]!;
  if (Array.isArray(value)) return value.map((each, nth) => (String(nth) === chosen ? mutated(each, path.slice(1), put) : each));
  const entries = Object.entries(value).filter(([key]) => key !== chosen || put !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, key === chosen ? mutated(each, path.slice(1), put) : each]));
}

describe('vendors’ records', () => {
  const ingest = ingestFor({ timeZone: 'UTC' }, { eager: 'all', keepOriginal: true });
  for (const name of ['eventName', 'userIdentity.type', 'actor.alternateId', 'properties.status.errorCode']) ingest.index.slot(name);

  it('each have exactly one outcome, whatever stands where something else was documented', { timeout: 600_000 }, () => {
    const place = fc.array(fc.nat(40), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.constantFrom(...records),
        fc.array(fc.tuple(place, fc.option(odd, { nil: undefined })), { minLength: 1, maxLength: 3 }),
        (record, changes) => {
          const changed = changes.reduce<JsonValue>((value, [path, put]) => mutated(value, path, put), record);
          const { events, deadLetters, duplicates } = ingest.ingest(batchOf(JSON.stringify(changed)));
          expect(events.length + deadLetters.length + duplicates.length).toBe(1);
          for (const event of events) {
            expect(Number.isInteger(event.time)).toBe(true);
            for (const value of event.values) expect(typeof value).not.toBe('function');
          }
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 400) },
    );
  });
});
