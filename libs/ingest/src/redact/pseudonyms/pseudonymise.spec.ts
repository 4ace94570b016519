import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadLetterDocument, slot, toDocument, type JsonObject } from '#ecs';
import { batchOf, ingestFor } from '../../spec-kit.js';
import { buildPseudonyms } from './pseudonyms.js';

const settings = { users: true, addresses: true, fields: ['patient'], key: 'the key of the specs' };
const pseudonyms = buildPseudonyms(settings);
const ingest = ingestFor({ timeZone: 'UTC' }, { pseudonyms: settings, keepOriginal: true, redact: undefined });

function documents(lines: string): JsonObject[] {
  const { events, deadLetters } = ingest.ingest(batchOf(lines));
  return [...events.map((event) => ({ ...toDocument(event), shown: ingest.line(event) ?? '' })), ...deadLetters.map(deadLetterDocument)];
}

/** Names as people have them, none of which is a piece of anything else in the lines. */
const name = fc
  .record({
    first: fc.constantFrom('zoë', 'quirin', 'xanthippe', 'wojtyła', "o'zyx"),
    last: fc.stringMatching(/^[bcdfghjkmnpqrvwxz]{5,9}$/),
  })
  .map(({ first, last }) => `${first}.${last}`);
const ip = fc.oneof(
  fc
    .tuple(fc.integer({ min: 101, max: 109 }), fc.nat(255), fc.nat(255), fc.integer({ min: 100, max: 250 }))
    .map((parts) => parts.join('.')),
  fc
    .tuple(fc.integer({ min: 0x1000, max: 0xffff }), fc.integer({ min: 0x1000, max: 0xffff }))
    .map(([a, b]) => `2001:db8:${a.toString(16)}::${b.toString(16)}`),
);

const lines: ((user: string, address: string) => string)[] = [
  (user, address) =>
    `${address} - ${user} [15/Jan/2026:10:05:03 +0000] "GET /users/${encodeURIComponent(user)}/orders?user=${encodeURIComponent(user)}&x=1 HTTP/1.1" 200 5 "https://shop.example/users/${user}" "curl/8"`,
  (user, address) =>
    JSON.stringify({
      time: '2026-01-15T10:05:03Z',
      method: 'GET',
      uri: `/profile/${user}?email=${user}%40mail.example`,
      remote_addr: address,
      user,
      userName: `${user}@mail.example`,
      actor: { id: 7, login: user },
      patient: user,
      headers: { 'X-Forwarded-For': address, 'X-User-Id': user },
      msg: `user ${user} (${user}@mail.example) came from ${address}:443`,
      notes: [`by ${user}`, { deep: [`at ${address}`] }],
    }),
  (user, address) => `Jan 15 10:05:03 web1 sshd[77]: Failed password for ${user} from ${address} port 4022 ssh2`,
  (user, address) =>
    JSON.stringify({
      published: '2026-01-15T10:05:03.250Z',
      uuid: 'u-1',
      eventType: 'user.session.start',
      displayMessage: `User login of ${user}`,
      outcome: { result: 'SUCCESS' },
      actor: { id: '00u1', type: 'User', alternateId: `${user}@mail.example`, displayName: user },
      client: { ipAddress: address, userAgent: { rawUserAgent: 'curl' } },
      target: [{ id: '0', type: 'User', alternateId: user, displayName: user }],
      debugContext: { debugData: { requestUri: '/api/v1/authn' } },
    }),
  (user, address) =>
    `2026-01-15 10:05:03,250 WARN  [org.keycloak.events] (executor-thread-1) type="LOGIN_ERROR", realmId="r", clientId="shop", userId="null", ipAddress="${address}", error="invalid_user_credentials", username="${user}"`,
  (user, address) =>
    `time=2026-01-15T10:05:03Z level=info method=GET path=/x status=200 remote_addr=${address} user=${user} msg="hello ${user}"`,
];

describe('with pseudonyms', () => {
  it('no name and no address of a caller is in what is stored or shown', () => {
    fc.assert(
      fc.property(name, ip, fc.constantFrom(...lines), (user, address, line) => {
        const text = line(user, address);
        const made = documents(text);
        expect(made[0]!['error'], text).toBeUndefined();
        const stored = JSON.stringify(made).toLowerCase();
        expect(stored, text).not.toContain(user.split('.')[1]);
        expect(stored, text).not.toContain(address);
      }),
      { numRuns: 200 },
    );
  });

  it('the same person is the same everywhere, and can be revealed', () => {
    const [event] = ingest.ingest(
      batchOf('203.0.113.7 - alice [15/Jan/2026:10:05:03 +0000] "GET /users/alice/orders/7 HTTP/1.1" 200 5 "-" "curl/8"'),
    ).events;
    const { values } = event!;
    const user = values[slot['user.name']] as string;
    expect(values[slot['gatewatch.principal']]).toBe(user);
    expect(values[slot['url.path']]).toBe(`/users/${user}/orders/7`);
    expect(pseudonyms.reveal(user)).toBe('alice');
    expect(pseudonyms.reveal(values[slot['source.ip']] as string)).toBe('203.0.113.7');
    expect(values[slot['event.original']]).toBeUndefined();
    expect(ingest.line(event!)).toBeUndefined();
  });

  it('another user whose number stands in the path is who he is when he calls', () => {
    const paths = documents(
      '203.0.113.7 - 1041 [15/Jan/2026:10:05:03 +0000] "GET /users/1042 HTTP/1.1" 200 5\n203.0.113.7 - 1042 [15/Jan/2026:10:05:03 +0000] "GET /orders/55 HTTP/1.1" 200 5',
    );
    expect(paths[0]).toMatchObject({ gatewatch: { object: { id: pseudonyms.user('1042') }, route: '/users/{id}' } });
    expect(paths[1]).toMatchObject({ user: { name: pseudonyms.user('1042') }, gatewatch: { object: { id: '55' } } });
  });

  it('nobody hides an attack by calling himself like it', () => {
    for (const [user, path] of [
      ['.env', '/.env'],
      ['passwd', '/download?file=../../etc/passwd'],
      ['admin', '/admin/login'],
      ['169.254.169.254', '/fetch?url=http://169.254.169.254/latest'],
      ['select', '/users/1%20union%20select%201'],
    ]) {
      const [document] = documents(`203.0.113.7 - ${user} [15/Jan/2026:10:05:03 +0000] "GET ${path} HTTP/1.1" 200 5 "-" "curl/8"`);
      expect(document).toMatchObject({ url: { original: path } });
    }
  });

  it('users alone leave addresses, and the other way round', () => {
    const line = '203.0.113.7 - alice [15/Jan/2026:10:05:03 +0000] "GET / HTTP/1.1" 200 5';
    const of = (users: boolean): JsonObject => {
      const made = ingestFor({}, { pseudonyms: { ...settings, users, addresses: !users } });
      return toDocument(made.ingest(batchOf(line)).events[0]!);
    };
    expect(of(true)).toMatchObject({ source: { ip: '203.0.113.7' }, user: { name: pseudonyms.user('alice') } });
    expect(of(false)).toMatchObject({ source: { ip: pseudonyms.address('203.0.113.7') }, user: { name: 'alice' } });
  });

  it('takes time in proportion to the text', () => {
    const started = process.cpuUsage();
    for (const piece of ['a@', 'alice ', '1.', ':', 'a:', '/users/', 'user=', '%25', '@', 'a.b@c.', '1.2.3.4 ', '::1 ']) {
      const long = piece.repeat(20_000);
      documents(
        JSON.stringify({
          time: '2026-01-15T10:05:03Z',
          method: 'GET',
          uri: `/${long}`,
          user: 'alice',
          remote_addr: '203.0.113.7',
          msg: long,
        }),
      );
    }
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(4);
  });
});
