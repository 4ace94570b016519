import { describe, expect, it } from 'vitest';
import { explainLine } from './explain-line.js';

describe('explainLine', () => {
  it('reads a line by the columns that the log named before it, where the format allows that', () => {
    const line = '2026-01-15 10:05:04 404 203.0.113.8 /a POST';
    const header = '#Fields: date time sc-status c-ip cs-uri-stem cs-method';
    const first = (format: 'auto' | 'nginx', held?: string): unknown => explainLine({ name: 'test', format }, line, 0, held)[0]?.dataset;
    expect([first('auto', header), first('auto'), first('nginx', header)]).toEqual(['w3c.access', undefined, undefined]);
  });

  it('says first what the source does, then what every other format would', () => {
    const line = '{"time":1768471503,"method":"GET","path":"/a","status":200}';
    const attempts = explainLine({ name: 'test', format: 'nginx' }, line, 0);
    expect(attempts[0]).toMatchObject({ format: 'nginx', failure: { reason: 'line_shape' } });
    expect(attempts.find(({ format }) => format === 'json')).toEqual({ format: 'json', dataset: 'json.access', failure: undefined });
  });

  it('names the vendor whose record a line nearly is', () => {
    const line = '{"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventVersion":"1.0","eventTime":"never"}';
    expect(explainLine({ name: 'test', format: 'auto' }, line, 0)[0]?.failure?.message).toMatch(
      /^Read as a record of cloudtrail: Expected a time/,
    );
  });
});
