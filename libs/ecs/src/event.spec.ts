import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Event, eventId, FieldIndex, fields, slot } from './index.js';

describe('an event id', () => {
  it('is derived: the same place gives the same id', () => {
    const event = () => new Event(7, 0, 'edge', { tag: 'abcdefghijkl', position: 35 });
    expect(event().id).toBe('abcdefghijkl-00000000z');
    expect(event().id).toBe(event().id);
  });

  it('is the sender’s own where there is one', () => {
    expect(eventId({ tag: 'abcdefghijkl', position: 1, own: 'x-1' })).toBe('x-1');
  });

  it('differs between any two places', () => {
    const place = fc.record({ tag: fc.string({ minLength: 12, maxLength: 12 }), position: fc.nat() });
    fc.assert(fc.property(place, place, (a, b) => (eventId(a) === eventId(b)) === (a.tag === b.tag && a.position === b.position)));
  });
});

describe('the field index', () => {
  it('keeps the places of the table and appends what is new', () => {
    const index = new FieldIndex();
    expect(index.slot('source.ip')).toBe(slot['source.ip']);
    expect(index.find('custom.name')).toBeUndefined();
    const made = index.slot('custom.name');
    expect(made).toBe(fields.length);
    expect(index.slot('custom.name')).toBe(made);
    expect(index.size).toBe(fields.length + 1);
    expect(index.names()[made]).toBe('custom.name');
  });

  it('takes names that objects have already', () => {
    const index = new FieldIndex();
    for (const name of ['__proto__', 'constructor', 'toString']) expect(index.slot(name)).toBeGreaterThanOrEqual(fields.length);
  });

  it('has no field twice, and no field below another', () => {
    const names = fields.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(names.filter((other) => other.startsWith(`${name}.`))).toEqual([]);
  });
});
