import { describe, expect, it } from 'vitest';
import { explainLine } from './explain-line.js';

describe('explainLine', () => {
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
