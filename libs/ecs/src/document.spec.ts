import { describe, expect, it } from 'vitest';
import {
  deadLetterDocument,
  Event,
  FieldIndex,
  put,
  severityOf,
  signalDocument,
  slot,
  toDocument,
  type JsonObject,
  type Signal,
} from './index.js';

const at = Date.UTC(2026, 0, 15, 9, 30);

function event(values: Partial<Record<keyof typeof slot, Event['values'][number]>> = {}): Event {
  const made = new Event(42, at + 1000, 'edge', { tag: 'abcdefghijkl', position: 0 });
  made.time = made.stamp = at;
  for (const [name, value] of Object.entries(values)) made.values[slot[name as keyof typeof slot]] = value;
  return made;
}

describe('an event as a document', () => {
  it('has ECS names and types', () => {
    const made = event({ 'source.ip': '203.0.113.7', 'http.response.status_code': 401, 'event.category': 'web', 'user.name': '' });
    expect(toDocument(made)).toEqual({
      '@timestamp': '2026-01-15T09:30:00.000Z',
      event: { id: 'abcdefghijkl-000000000', kind: 'event', category: ['web'] },
      gatewatch: { source: { name: 'edge' }, offset: 42, arrival: '2026-01-15T09:30:01.000Z' },
      source: { ip: '203.0.113.7' },
      http: { response: { status_code: 401 } },
      related: { ip: ['203.0.113.7'] },
    });
  });

  it('leaves out what is empty, from the related addresses too', () => {
    expect(toDocument(event({ 'source.ip': '', 'client.ip': '198.51.100.2' }))['related']).toEqual({ ip: ['198.51.100.2'] });
    expect(toDocument(event({ 'source.ip': '' }))).not.toHaveProperty('related');
  });

  it('tells the log’s own stamp only where it was not believed', () => {
    const future = event();
    future.stamp = at + 1e9;
    expect(toDocument(future)['event']).toMatchObject({ created: '2026-01-26T23:16:40.000Z' });
    expect(toDocument(event())['event']).not.toHaveProperty('created');
  });

  it('adds what has no slot, and never over what has one', () => {
    const made = event({ 'source.ip': '203.0.113.7' });
    made.extra = { source: { ip: 'forged', mac: 'aa' }, custom: { a: 1 } };
    expect(toDocument(made)).toMatchObject({ source: { ip: '203.0.113.7', mac: 'aa' }, custom: { a: 1 } });
  });

  it('names the slots beyond the table', () => {
    const index = new FieldIndex();
    const made = event();
    made.values[index.slot('device.model')] = 'x';
    expect(toDocument(made, index)).toMatchObject({ device: { model: 'x' } });
  });

  it('cannot reach a prototype', () => {
    const tree: JsonObject = {};
    put(tree, '__proto__.polluted', true);
    const made = event();
    made.extra = JSON.parse('{"__proto__": {"polluted": true}}') as JsonObject;
    toDocument(made);
    expect({}).not.toHaveProperty('polluted');
  });
});

it('a dead letter keeps its bytes and says why', () => {
  const raw = Uint8Array.of(0xff, 0x00, 0x41);
  const document = deadLetterDocument({ id: 'a', offset: 1, arrival: at, source: 'edge', reason: 'line_shape', message: 'No.', raw });
  expect(document).toMatchObject({ event: { kind: 'pipeline_error' }, error: { code: 'line_shape', message: 'No.' } });
  expect(document['gatewatch']).toMatchObject({ dead_letter: { raw: '/wBB' } });
});

describe('a signal as a document', () => {
  const signal: Signal = {
    id: 's1',
    revision: 2,
    status: 'open',
    rule: {
      id: 'r1',
      version: 'abc',
      title: 'Login failures',
      level: 'high',
      techniques: ['T1110'],
      tags: ['owasp.api2'],
      references: [],
      falsePositives: [],
      type: 'event_count',
      asks: '10 in 5m',
    },
    group: { 'source.ip': '203.0.113.7' },
    first: at,
    last: at + 60_000,
    reached: at + 30_000,
    count: 23,
    evidence: [{ offset: 1, time: at, line: 'GET /' }],
    entities: { 'source.ip': ['203.0.113.7'], 'user.name': ['eve', 'bob'] },
    reason: '23 login failures',
    arrival: at,
  };

  it('is an alert with its rule, its reason and its evidence', () => {
    expect(signalDocument(signal)).toMatchObject({
      '@timestamp': '2026-01-15T09:30:30.000Z',
      event: { id: 's1', kind: 'alert', severity: severityOf.high, start: '2026-01-15T09:30:00.000Z' },
      rule: { id: 'r1', name: 'Login failures', category: 'event_count' },
      threat: { technique: { id: ['T1110'] } },
      source: { ip: '203.0.113.7' },
      related: { ip: ['203.0.113.7'], user: ['eve', 'bob'] },
      gatewatch: { signal: { status: 'open', revision: 2, count: 23, evidence: [{ offset: 1, line: 'GET /' }] } },
    });
  });

  it('names a user as its subject only where there is one', () => {
    expect(signalDocument(signal)).not.toHaveProperty('user');
    expect(signalDocument({ ...signal, entities: { 'user.name': ['eve'] } })).toMatchObject({ user: { name: 'eve' } });
  });
});
