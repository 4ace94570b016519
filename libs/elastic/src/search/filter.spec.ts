import { describe, expect, it } from 'vitest';
import { clauses } from './filter.js';

const one = (name: string, ...values: string[]) => clauses({ [name]: values })[0];

describe('filters', () => {
  it.each([
    ['user.name', 'alice', { term: { 'user.name': 'alice' } }],
    ['user.name', 'al*', { prefix: { 'user.name': { value: 'al' } } }],
    ['user.name', 'al\\*', { term: { 'user.name': 'al*' } }],
    ['message', 'No.', { term: { 'message.keyword': 'No.' } }],
    ['source.ip', '10.0.0.0/8', { term: { 'source.ip': '10.0.0.0/8' } }],
    ['source.ip', '10.1.*', { term: { 'source.ip': '10.1.0.0/16' } }],
    ['source.ip', '::ffff:10.0.0.0/104', { term: { 'source.ip': '10.0.0.0/8' } }],
    ['http.response.status_code', '401', { term: { 'http.response.status_code': 401 } }],
    ['gatewatch.source.bot', 'true', { term: { 'gatewatch.source.bot': true } }],
    ['gatewatch.source', 'web', { term: { 'gatewatch.source.name': 'web' } }],
    ['event.id', 'x', { ids: { values: ['x'] } }],
    ['labels.team', 'a*', { term: { 'gatewatch.extra.labels.team': 'a*' } }],
  ])('%s: %s', (name, value, clause) => {
    expect(one(name, value)).toEqual(clause);
  });

  it('take any of several values, and all of several fields', () => {
    expect(clauses({ 'user.name': ['a', 'b'], 'user.id': ['c'] })).toEqual([
      { bool: { should: [{ term: { 'user.name': 'a' } }, { term: { 'user.name': 'b' } }], minimum_should_match: 1 } },
      { term: { 'user.id': 'c' } },
    ]);
  });

  it.each([
    ['nonsense', 'x'],
    ['source.ip', '10.0.0'],
    ['source.ip', 'fe80::1%eth0'],
    ['source.ip', '300.1.*'],
    ['client.ip', '10.0.0.0/33'],
    ['source.port', '1e3'],
    ['source.geo.location', '1,2'],
    ['event.original', 'GET /'],
    ['gatewatch.upstream.response_time', ''],
  ])('refuse %s: %s and name the field', (name, value) => {
    expect(() => one(name, value)).toThrow(
      expect.objectContaining({ code: 'query_invalid', message: expect.stringContaining(`"${name}"`) }) as Error,
    );
  });
});
