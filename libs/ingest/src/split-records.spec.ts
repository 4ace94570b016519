import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitMessage, splitRecords } from './split-records.js';

describe('splitRecords', () => {
  it('cuts lists, and what wraps them, into lines', () => {
    expect(splitRecords('[{"a":1},\n {"b":"]}"}]')).toEqual(['{"a":1}', '{"b":"]}"}']);
    expect(splitRecords('{"Records":[{"eventID":"1"},{"eventID":"2"}]}')).toEqual(['{"eventID":"1"}', '{"eventID":"2"}']);
    expect(splitRecords('{"@odata.context":"x","value":[{"id":1}],"@odata.nextLink":"y"}')).toEqual(['{"id":1}']);
    expect(splitRecords('{"eventType":"hook","data":{"events":[{"uuid":"1"}]}}')).toEqual(['{"uuid":"1"}']);
    for (const whole of [
      '{"response":{"authlogs":[{"txid":"1"}],"metadata":{"next_offset":null}},"stat":"OK"}',
      '{"response":[{"txid":"1"}],"stat":"OK"}',
      '{"_links":{},"_embedded":{"activities":[{"txid":"1"}]},"count":1}',
      '{"entries":[{"txid":"1"}],"response_metadata":{"next_cursor":""}}',
      '{"totalSize":1,"done":true,"records":[{"txid":"1"}]}',
      '{"object":"list","data":[{"txid":"1"}],"continuationToken":null}',
    ])
      expect(splitRecords(whole)).toEqual(['{"txid":"1"}']);
    expect(splitRecords('[]')).toEqual([]);
  });

  it('cuts the events of an activity, each with what they share', () => {
    const id = { applicationName: 'login', time: 'x' };
    const two = JSON.stringify({ items: [{ id, events: [{ name: 'a' }, { name: 'b' }] }], kind: 'k' });
    expect(splitRecords(two)?.map((line) => JSON.parse(line) as unknown)).toEqual([
      { id, events: [{ name: 'a' }] },
      { id, events: [{ name: 'b' }] },
    ]);
  });

  it('keeps every digit and joins pretty-printed records', () => {
    expect(splitRecords('[\n  {\n    "n": 12345678901234567890,\n    "s": "a\\nb"\n  }\n]\n')).toEqual([
      '{ "n": 12345678901234567890, "s": "a\\nb" }',
    ]);
  });

  it('gives each record of OTLP its resource', () => {
    const whole = {
      resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ logRecords: [{ timeUnixNano: '1' }, { timeUnixNano: '2' }] }] }],
    };
    expect(splitRecords(JSON.stringify(whole))).toEqual([
      '{"timeUnixNano":"1","resource":{"attributes":[]}}',
      '{"timeUnixNano":"2","resource":{"attributes":[]}}',
    ]);
  });

  it('leaves alone what is one record, several lines, or broken', () => {
    for (const text of [
      '{"a":1}',
      '{"events":["a"]}',
      '{"time":1,"msg":"x","items":[{}]}',
      '{"id":{"applicationName":"login"},"events":[{}]}',
      '{"Records":[{}]}\n{"Records":[{}]}',
      '[{"a":1}',
      '{"Records":[{"a":',
      'plain',
      '',
      '{"resourceLogs":',
    ])
      expect(splitRecords(text)).toBeUndefined();
  });

  it('agrees with JSON on any list of objects, however it is printed', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.constantFrom(0, 1, 2), (list, indent) => {
        expect(splitRecords(JSON.stringify(list, null, indent))?.map((line) => JSON.parse(line) as unknown)).toEqual(
          JSON.parse(JSON.stringify(list)),
        );
      }),
    );
  });

  it('throws at nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', '1', 'a', ' ', '\n') }), (text) => {
        splitRecords(text);
        splitRecords(`{"Records":[${text}`);
      }),
    );
  });
});

describe('splitMessage', () => {
  it('cuts what buses and subscriptions carry', () => {
    for (const whole of [
      '{"records":[{"a":1},{"a":2}]}',
      ' {"Records": [{"a":1},{"a":2}]}',
      '[{"a":1},{"a":2}]',
      '{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[{"a":1},{"a":2}]}',
      '{"eventType":"com.okta.event_hook","eventTypeVersion":"1.0","cloudEventsVersion":"0.1","source":"x","data":{"events":[{"a":1},{"a":2}]}}',
    ])
      expect(splitMessage(Buffer.from(whole))).toEqual(['{"a":1}', '{"a":2}']);
    expect(splitMessage(Buffer.from('{"records":[]}'))).toEqual([]);
  });

  it('leaves everything else as it is', () => {
    for (const whole of ['{"time":"x","records":[{"a":1}]}', '{"data":[1,2]}', '[1,2]', '{"records":[{"a":1}],"level":"info"}', 'text'])
      expect(splitMessage(Buffer.from(whole))).toBeUndefined();
    expect(splitMessage(Buffer.concat([Buffer.from('{"records":[{"a":"'), Buffer.from([0xff]), Buffer.from('"}]}')]))).toBeUndefined();
  });
});
