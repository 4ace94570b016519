import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slot, type FieldName } from '#ecs';
import { folderOf } from '../enrichers/enrich-spec-kit.js';
import { watchLists } from '../enrichers/watch-lists/watch-lists.js';
import type { LogEvent } from '../log-event.js';
import type { SourceSettings } from '../source.js';
import { batchOf, ingestFor } from '../spec-kit.js';
import { readJwt } from './jwt.js';

function read(line: string, settings: Partial<SourceSettings> = {}): (name: FieldName) => unknown {
  const ingest = ingestFor(settings, { hashKey: 'a key' });
  const { events, deadLetters } = ingest.ingest(batchOf(line));
  expect(deadLetters).toEqual([]);
  return (name) => ingest.resolve(events[0]!, slot[name]);
}
const access = (target: string, status = 200): string =>
  `203.0.113.7 - - [15/Jan/2026:10:05:03 +0000] "GET ${target} HTTP/1.1" ${status} 5`;
const json = (fields: Record<string, unknown>): string =>
  JSON.stringify({ time: '2026-01-15T10:05:03Z', method: 'GET', uri: '/', status: 200, ip: '203.0.113.7', ...fields });
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: Record<string, unknown>, alg = 'RS256'): string => `${part({ alg, typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`;

describe('who called', () => {
  it('is the API key of the query, by a keyed hash', () => {
    const of = read(access('/a?api_key=s3cr3t-key-1&b=1'));
    expect(of('gatewatch.principal')).toMatch(/^key_[\w-]{16}$/);
    expect(of('gatewatch.auth.method')).toBe('api_key');
    expect(of('url.original')).toBe('/a?api_key=<redacted>&b=1');
    expect(read(access('/b?b=2&api_key=s3cr3t-key-1'))('gatewatch.principal')).toBe(of('gatewatch.principal'));
    expect(read(access('/a?api_key=s3cr3t-key-2'))('gatewatch.principal')).not.toBe(of('gatewatch.principal'));
  });

  it('is the address where the server refused the credential', () => {
    for (const status of [401, 403]) {
      const of = read(access('/a?api_key=s3cr3t-key-1', status));
      expect(of('gatewatch.principal')).toBe('203.0.113.7');
      expect(of('gatewatch.api_key.id')).toMatch(/^key_/);
    }
  });

  it('is the user first, then key, token and session', () => {
    const fields = { user: 'alice', token: 'tok-123456', api_key: 'key-123456', session_id: 'ses-123456' };
    expect(read(json(fields))('gatewatch.principal')).toBe('alice');
    expect(read(json({ ...fields, user: undefined }))('gatewatch.principal')).toMatch(/^key_/);
    expect(read(json({ token: 'tok-123456', session_id: 'ses-123456' }))('gatewatch.principal')).toMatch(/^tok_/);
    expect(read(json({ session_id: 'ses-123456' }))('gatewatch.principal')).toMatch(/^ses_/);
    expect(read(json({}))('gatewatch.principal')).toBe('203.0.113.7');
  });

  it('reads headers wherever a log has them', () => {
    expect(read(json({ request: { headers: { authorization: 'Bearer abcdef123456' } }, uri: undefined }))('gatewatch.token.id')).toMatch(
      /^tok_/,
    );
    expect(read(json({ http_authorization: 'Bearer abcdef123456' }))('gatewatch.auth.method')).toBe('token');
    expect(read(json({ headers: { Cookie: 'a=b; JSESSIONID=ABCDEF0123456789' } }))('gatewatch.session.id')).toMatch(/^ses_/);
    expect(read(json({ headers: [{ name: 'X-Api-Key', value: 'abcdef123456' }] }))('gatewatch.api_key.id')).toMatch(/^key_/);
    expect(read(json({ headers: { Authorization: 'Basic YWxpY2U6cGFzcw==' } }))('gatewatch.principal')).toBe('alice');
    const logFormat = '$remote_addr [$time_iso8601] "$request" $status "$http_authorization"';
    const of = read('203.0.113.7 [2026-01-15T10:05:03Z] "GET / HTTP/1.1" 200 "Bearer abcdef123456"', {
      format: { kind: 'nginx', logFormat },
    });
    expect(of('gatewatch.token.id')).toMatch(/^tok_/);
  });

  it('leaves alone what the sender masked, passwords, and what the answer holds', () => {
    expect(read(json({ token: '********', api_key: 'xxxxxxxx' }))('gatewatch.token.id')).toBeUndefined();
    expect(read(json({ password: 'hunter2hunter2' }))('gatewatch.auth.method')).toBeUndefined();
    expect(read(json({ detail: { response: { access_token: 'abcdef123456' } } }))('gatewatch.token.id')).toBeUndefined();
  });

  it('takes the claims of a token that was accepted, and keeps no token', () => {
    const token = jwt({ sub: 'u-7', tid: 't-1', roles: ['admin'], amr: ['pwd', 'otp'], exp: Date.UTC(2026, 0, 15, 11) / 1000 });
    const of = read(json({ headers: { authorization: `Bearer ${token}` } }));
    expect(['user.id', 'organization.id', 'user.roles', 'gatewatch.auth.mfa', 'event.reason'].map((name) => of(name as FieldName))).toEqual(
      ['u-7', 't-1', ['admin'], true, undefined],
    );
    expect(of('gatewatch.principal')).toBe('u-7');
    const ingest = ingestFor({}, { eager: 'all', keepOriginal: true });
    const [event] = ingest.ingest(batchOf(json({ headers: { authorization: `Bearer ${token}` } }))).events;
    expect(JSON.stringify([event!.values, event!.extra])).not.toContain(token.slice(30, 60));
    expect((event as LogEvent).record).toBeUndefined();
  });

  it('takes name and address of the user from the token, whichever field is asked for first', () => {
    const claims = { sub: 'u-7', preferred_username: 'jane', email: 'jane@example.com' };
    const by = (more: object, fields: object = {}): ((name: FieldName) => unknown) =>
      read(json({ headers: { authorization: `Bearer ${jwt({ ...claims, ...more })}` }, ...fields }));
    expect(by({})('user.name')).toBe('jane');
    expect(by({})('user.email')).toBe('jane@example.com');
    expect(by({ email_verified: false })('user.email')).toBeUndefined();
    const other = by({}, { user_id: 'u-8' });
    expect(
      ['user.id', 'user.name', 'user.email'].map((name) => other(name as FieldName)),
      'the log names another',
    ).toEqual(['u-8', undefined, undefined]);
    expect(read(json({ headers: { Authorization: 'Basic YWxpY2U6cGFzcw==' } }))('user.name')).toBe('alice');
  });

  it('of a token is known to watch lists, though nothing else asked for the user', () => {
    const { path } = folderOf({ leavers: 'name;mail\n"Doe, Jane";Jane@Example.com\n' });
    const enrichers = watchLists([{ name: 'leavers', file: path('leavers'), column: 'Mail' }]);
    const ingest = ingestFor({}, { enrichers });
    const line = json({ headers: { authorization: `Bearer ${jwt({ sub: 'u-7', email: 'jane@example.com' })}` } });
    const [event] = ingest.ingest(batchOf(line)).events;
    expect(ingest.resolve(event!, slot['gatewatch.user.lists'])).toEqual(['leavers']);
  });

  it('believes no claims of a token that was refused', () => {
    const of = read(json({ status: 401, headers: { authorization: `Bearer ${jwt({ sub: 'victim' })}` } }));
    expect(of('gatewatch.principal')).toBe('203.0.113.7');
    expect(of('user.id')).toBeUndefined();
  });

  it('tells of accepted tokens that are not signed or have run out', () => {
    const reason = (claims: Record<string, unknown>, alg?: string): unknown =>
      read(json({ headers: { authorization: `Bearer ${jwt(claims, alg)}` } }))('event.reason');
    expect(reason({ sub: 'a' }, 'None')).toBe('token_unsigned');
    expect(reason({ sub: 'a', exp: Date.UTC(2026, 0, 15, 9) / 1000 })).toBe('token_expired');
    expect(reason({ sub: 'a', exp: Date.UTC(2026, 0, 15, 10, 3) / 1000 })).toBeUndefined();
  });

  it('reads no token out of noise, and never throws', () => {
    const letters = fc.string({ unit: fc.constantFrom('eyJ', '.', 'a', '{', '"', '\u0000'), maxLength: 60 });
    fc.assert(fc.property(letters, (text) => readJwt(text) === undefined || text.startsWith('eyJ')));
    expect(readJwt(`${part({ alg: 'x' })}.${part([1])}.x`)).toBeUndefined();
  });
});
