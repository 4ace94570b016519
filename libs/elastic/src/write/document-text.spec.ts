import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Event, FieldIndex, fields, slot, toDocument, type FieldValue, type JsonObject } from '#ecs';
import { DocumentWriter } from './document-text.js';

const index = new FieldIndex();
index.slot('custom.field');

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('\u0000', '\ud800', '\udc00\ud800', '"', '\r\n', '\\', '\u001f', '\u2028', ',', '","'),
);
const value: fc.Arbitrary<FieldValue> = fc.oneof(
  text,
  fc.array(text, { maxLength: 3 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constantFrom(null, undefined, ''),
  fc.constant({ lat: 1.5, lon: -2 }),
);
const row = fc.record({
  values: fc.array(fc.tuple(fc.nat(fields.length), value), { maxLength: 12 }),
  time: fc.integer({ min: -1e12, max: 4e12 }),
  skew: fc.constantFrom(0, 0, 0, 12_345),
  extra: fc.option(fc.dictionary(text, fc.jsonValue()), { nil: undefined, freq: 3 }),
});

describe('the document writer', () => {
  it('writes what toDocument builds, whatever the values and the events before', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
        const writer = new DocumentWriter(index);
        rows.forEach(({ values, time, skew, extra }, at) => {
          const event = new Event(at, time + 3, 'we"b', { tag: 'abcdefghijkl', position: at });
          event.time = time;
          event.stamp = time + skew;
          event.extra = extra as Event['extra'];
          for (const [slot, given] of values) event.values[slot] = given;
          const written = JSON.parse(writer.write(event)) as { gatewatch: JsonObject };
          delete written.gatewatch['extra'];
          const expected = JSON.parse(JSON.stringify(toDocument(event, index))) as { gatewatch: JsonObject };
          delete expected.gatewatch['extra'];
          expect(written).toEqual(expected);
        });
      }),
      { numRuns: 400 },
    );
  });

  it('lists each related address once', () => {
    const event = new Event(0, 0, 'web', { tag: 'abcdefghijkl', position: 0 });
    const put = (name: 'source.ip' | 'client.ip' | 'destination.ip', address: string): void => void (event.values[slot[name]] = address);
    put('source.ip', '10.0.0.1');
    put('client.ip', '10.0.0.2');
    put('destination.ip', '10.0.0.2');
    expect((JSON.parse(new DocumentWriter().write(event)) as { related: unknown }).related).toEqual({ ip: ['10.0.0.1', '10.0.0.2'] });
  });

  it('writes a copy of foreign fields that Elasticsearch can index without refusing the event', () => {
    const event = new Event(0, 0, 'web', { tag: 'abcdefghijkl', position: 0 });
    let deep: JsonObject = { end: 1 };
    for (let depth = 0; depth < 40; depth++) deep = { deep };
    event.extra = { labels: { team: 'blue', long: 'x'.repeat(40_000), '': 1, 'a\u0000b': 2 }, deep, gone: null, ['n'.repeat(600)]: 1 };
    event.values[fields.length] = 'c';
    const { gatewatch } = JSON.parse(new DocumentWriter(index).write(event)) as { gatewatch: JsonObject };
    expect(gatewatch['extra']).toEqual({ labels: { team: 'blue' }, 'custom.field': 'c' });
  });
});
