import type { FieldIndex, FieldValue } from '#ecs';
import type { Millis } from '#time';
import type { Observation } from '../detection.js';
import type { CaseEvent, CaseFile, CaseValue, RuleCase } from './case-file.js';

const start = Date.UTC(2026, 0, 15);

/** An event of a case before it has a place in a log. */
interface Happening {
  readonly time: Millis;
  readonly id: string;
  readonly values: readonly FieldValue[];
}

/** The events of a case in event time. */
export function happenings({ events }: RuleCase, { fields }: CaseFile, index: FieldIndex): Happening[] {
  const all: Happening[] = [];
  for (const event of events) {
    const { times, every } = event.repeat ?? { times: 1, every: 0 };
    const template = { ...fields, ...fieldsOf(event) };
    const numbered = Object.values(template).some((value) => typeof value === 'string' && value.includes('{n}'));
    let values = valuesOf(template, 1, index);
    for (let n = 1; n <= times; n++) {
      if (numbered && n > 1) values = valuesOf(template, n, index);
      all.push({ time: Math.floor(start + event.at + (n - 1) * every), id: `case-${all.length}`, values });
    }
  }
  return all.sort((a, b) => a.time - b.time);
}

function fieldsOf(event: CaseEvent): Record<string, CaseValue> {
  const fields = Object.entries(event).filter(([name]) => name !== 'at' && name !== 'repeat');
  return Object.fromEntries(fields) as Record<string, CaseValue>;
}

function valuesOf(fields: Readonly<Record<string, CaseValue>>, n: number, index: FieldIndex): FieldValue[] {
  const values: FieldValue[] = [];
  for (const [name, value] of Object.entries(fields)) {
    values[index.slot(name)] = typeof value === 'string' && value.includes('{n}') ? value.replaceAll('{n}', String(n)) : value;
  }
  return values;
}

/** How late events arrive. */
export interface Lateness {
  /** Each up to this much later than it happened, by a fixed pseudo-random rule. */
  readonly spread?: Millis;
  /** Every third one exactly this much later. */
  readonly delay?: Millis;
}

/** Puts events into a log in the order in which they arrive. */
export function arrivals(events: readonly Happening[], { spread = 0, delay = 0 }: Lateness): Observation[] {
  let state = 0x2545f491;
  const delayed = events.map((event, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return { ...event, arrival: event.time + Math.floor((state / 4294967296) * spread) + (i % 3 === 1 ? delay : 0) };
  });
  delayed.sort((a, b) => a.arrival - b.arrival || a.time - b.time);
  return delayed.map(({ time, id, values, arrival }, offset) => ({ time, stamp: time, offset, arrival, source: 'cases', id, values }));
}
