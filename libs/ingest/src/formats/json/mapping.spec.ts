import { describe, expect, it } from 'vitest';
import { toDocument } from '#ecs';
import { batchOf, ingestFor } from '../../spec-kit.js';
import { checkMapping } from './mapping-cases.js';
import { readMapping, type MappingFile } from './mapping-file.js';
import { scaffoldMapping } from './mapping-scaffold.js';
import { timePattern } from './time-pattern.js';

function read(text: string): MappingFile {
  const result = readMapping(text, 'shop.yml');
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.file;
}

describe('a mapping file', () => {
  it('as it is scaffolded is valid and passes its own cases', () => {
    const [text] = Object.values(scaffoldMapping('shop'));
    expect(checkMapping(read(text!))).toEqual([]);
  });

  it('says where a case differs', () => {
    const file = read(`
name: shop
cases:
  - { line: '{"time":1768471503,"status":"200"}', expect: { http.response.status_code: 404, user.name: alice } }
  - { line: '{"status":200}' }
  - { line: '{"time":1768471503}', rejected: timestamp }
`);
    expect(checkMapping(file)).toEqual([
      'case 1: http.response.status_code: expected 404, found 200',
      'case 1: user.name: expected "alice", found null',
      expect.stringContaining('case 2: the line is rejected: Source "shop"'),
      'case 3: expected the line to be rejected as timestamp, it was accepted',
    ]);
  });

  it('names place and remedy of what is wrong', () => {
    const result = readMapping(
      'name: shop\ntimestamps: { field: at }\nactions:\n  from: e\n  of: { a: signin }\nwhen:\n  - if: { x: 1 }\n',
      'shop.yml',
    );
    expect(result.ok ? [] : result.problems.map((problem) => problem.slice(0, 130))).toEqual([
      expect.stringMatching(/^shop\.yml:5:12: actions\.of\.a: expected one of login, login_lock, logout/),
      'shop.yml:7:5: when.0: expected action or set: what follows from the condition',
      expect.stringMatching(/^shop\.yml:2:1: the key timestamps is not known here; expected fields, timestamp, id/),
    ]);
    expect(readMapping('name: [', 'shop.yml')).toMatchObject({ ok: false });
    expect(readMapping('', 'shop.yml')).toMatchObject({ ok: false });
    expect(readMapping('name: shop\ntimestamp: { field: at, format: "dd.MM HH:mm" }', 'shop.yml')).toMatchObject({ ok: false });
  });
});

describe('a mapping', () => {
  const events = (mapping: string, line: string): unknown => {
    const ingest = ingestFor({ format: 'json', mapping: read(`name: x\n${mapping}`).mapping }, { eager: 'all' });
    const { events: found, deadLetters } = ingest.ingest(batchOf(line));
    return found[0] ? toDocument(found[0], ingest.index) : deadLetters[0]?.message;
  };

  it('takes the first condition that holds, over what the line says', () => {
    const when =
      'when:\n  - { if: { code: { gte: 500 } }, set: { event.reason: broken } }\n  - { if: { code: { gte: 400 } }, set: { event.reason: refused, event.outcome: failure } }';
    expect(events(when, '{"time":1768471503,"code":"503","outcome":"success"}')).toMatchObject({
      event: { reason: 'broken', outcome: 'failure' },
    });
    expect(events(when, '{"time":1768471503,"code":404}')).toMatchObject({ event: { reason: 'refused' } });
    expect(events(when, '{"time":1768471503,"code":"no number"}')).not.toHaveProperty('event.reason');
  });

  it('knows words with an open end, lists, absence and what is not', () => {
    const when = 'when:\n  - { if: { a: "LOGIN_*", b: null, c: [x, y], d: { not: [z] } }, action: "login:failure" }';
    expect(events(when, '{"time":1768471503,"a":"login_error","c":"Y","d":"w"}')).toMatchObject({
      event: { action: 'authn_login_fail', category: ['authentication'] },
    });
    for (const line of ['{"a":"login_x","b":1,"c":"x"}', '{"a":"logout","c":"x"}', '{"a":"login_x","c":"x","d":"z"}'])
      expect(events(when, line.replace('{', '{"time":1768471503,'))).not.toHaveProperty('event.action');
  });

  it('reads times of every unit and pattern', () => {
    const at = (format: string, value: string): unknown =>
      (events(`timestamp: { field: t, format: ${format} }`, `{"t":${value}}`) as { '@timestamp'?: string })['@timestamp'];
    expect(at('epoch_us', '1768471503250000')).toBe('2026-01-15T10:05:03.250Z');
    expect(at('epoch', '"1768471503250"')).toBe('2026-01-15T10:05:03.250Z');
    expect(at('"yyyy/MM/dd HH:mm:ss.SSS XXX"', '"2026/01/15 11:05:03.25 +01:00"')).toBe('2026-01-15T10:05:03.250Z');
    expect(timePattern('dd.MM.yyyy HH:mm')!('31.02.2026 10:00', undefined)).toMatchObject({ reason: 'timestamp' });
    expect(timePattern('dd MMM yyyy HH:mm:ss')!('15 Jan 2026 10:05:03', undefined)).toMatchObject({ reason: 'time_zone_unknown' });
    expect(timePattern('yyyy')).toBeUndefined();
  });

  it('reads a vendor’s record as its own JSON where fields are named', () => {
    const line =
      '{"published":"2026-01-15T10:05:03Z","eventType":"user.session.start","actor":{"alternateId":"a@example.com"},"outcome":{"result":"SUCCESS"}}';
    expect(events('fields: { actor.alternateId: user.name }\ntimestamp: { field: published, format: iso }', line)).toMatchObject({
      user: { name: 'a@example.com' },
      event: { dataset: 'json.event' },
    });
  });
});
