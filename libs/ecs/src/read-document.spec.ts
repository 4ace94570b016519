import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDocument } from './document.js';
import { Event, type EventIdentity } from './event.js';
import { FieldIndex, fields, type Field, type FieldValue } from './field.js';
import { eventOfDocument } from './read-document.js';

const text = fc.string({ minLength: 1, unit: 'grapheme' });

function valueOf({ type, array }: Field): fc.Arbitrary<FieldValue> {
  if (array) return fc.array(text, { minLength: 1, maxLength: 3 });
  if (type === 'geo_point') return fc.record({ lat: fc.integer({ min: -90, max: 90 }), lon: fc.integer({ min: -180, max: 180 }) });
  if (type === 'long' || type === 'double') return fc.integer();
  return type === 'boolean' ? fc.boolean() : text;
}

const time = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
const identity: fc.Arbitrary<EventIdentity> = fc.oneof(
  fc.record({ tag: fc.stringMatching(/^[a-z2-7]{12}$/), position: fc.maxSafeNat() }),
  fc.record({ tag: fc.constant('abcdefghijkl'), position: fc.nat(), own: fc.stringMatching(/^[\w-]{22}$/) }),
);
const extra = fc.dictionary(
  fc.stringMatching(/^x[a-z.]{0,6}$/),
  fc.oneof(
    text,
    fc.integer(),
    fc.array(fc.oneof(text, fc.integer())),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), text, { minKeys: 1 }),
  ),
  { minKeys: 1, maxKeys: 3 },
);

const anyEvent = fc
  .record({
    ...{ offset: fc.nat(), arrival: time, source: text, identity, time, stamp: time },
    values: fc.record(Object.fromEntries(fields.map((field, slot) => [slot, valueOf(field)])), { requiredKeys: [] }),
    extra: fc.option(extra, { nil: undefined }),
  })
  .map(({ offset, arrival, source, identity: own, values, ...rest }) => {
    const event = new Event(offset, arrival, source, own);
    for (const [slot, value] of Object.entries(values)) event.values[Number(slot)] = value;
    return Object.assign(event, rest);
  });

describe('a document read back', () => {
  it('is the event that it was made of, as far as a document can say', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const read = eventOfDocument(toDocument(event), new FieldIndex());
        expect(toDocument(read)).toEqual(toDocument(event));
        expect([read.id, read.offset, read.arrival, read.source, read.time, read.stamp]).toEqual([
          event.id,
          event.offset,
          event.arrival,
          event.source,
          event.time,
          event.stamp,
        ]);
        event.values.forEach((value, slot) => expect(read.values[slot]).toEqual(value));
      }),
    );
  });

  it('has fields beyond the table as values where somebody knows them, else as they stand', () => {
    const event = new Event(1, 2, 'web', { tag: 'abcdefghijkl', position: 3 });
    event.extra = { labels: { team: 'blue', size: 3 }, note: ['a'] };
    const index = new FieldIndex();
    const team = index.slot('labels.team');
    const read = eventOfDocument(toDocument(event), index, 77);
    expect([read.offset, read.values[team], read.extra]).toEqual([77, 'blue', { labels: { size: 3 }, note: ['a'] }]);
  });
});
