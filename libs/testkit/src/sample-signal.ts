import type { Evidence, Signal } from '#ecs';

/** A signal as a rule would give it, for tests and golden files; `over` replaces parts of it. */
export function sampleSignal(over: Partial<Signal> = {}): Signal {
  return { ...loginBurst, ...over };
}

const first = Date.UTC(2026, 0, 15, 3, 11, 52);
const last = first + 250_000;

function evidenceOf(count: number): Evidence[] {
  return Array.from({ length: count }, (_, index) => {
    const time = first + Math.round((index * (last - first)) / (count - 1));
    const stamp = `15/Jan/2026:${new Date(time).toISOString().slice(11, 19)} +0000`;
    const line = `203.0.113.7 - - [${stamp}] "POST /api/v1/login HTTP/1.1" 401 61 "-" "python-requests/2.32.3"`;
    return { offset: 81_200 + index * 7, time, id: `n3x8kq0w2v7c-00000${1000 + index}`, line };
  });
}

const loginBurst: Signal = {
  id: '5f0c2c7a9d1e4b7f8a60d3e5c4b1a297',
  revision: 1,
  status: 'open',
  rule: {
    id: '0c1b6e1a-7d1c-4c55-9f43-2b8f7f1f6a10',
    version: '3fa92c11',
    title: 'Login failures from one address',
    name: 'login_burst_address',
    description:
      'Many failed logins from one address in a short time: somebody guesses passwords, or tries pairs of names and passwords that leaked elsewhere. A single hit among them is a taken-over account.',
    author: 'Gatewatch',
    level: 'high',
    techniques: ['T1110.001', 'T1110.004'],
    tags: ['attack.credential-access', 'owasp.api2'],
    references: ['https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/'],
    falsePositives: ['A proxy or an office behind one address', 'A client with an old password that retries by itself'],
    runbook:
      '1. Look for a successful login from this address after the failures.\n2. If there is one, end the sessions of that account and have its password reset.\n3. Block the address at the gateway for a day.\n4. Ask the users whose names were tried whether they use the same password elsewhere.',
    type: 'event_count',
    asks: '10 in 5m',
  },
  group: { 'source.ip': '203.0.113.7' },
  first,
  last,
  reached: first + 96_000,
  count: 23,
  distinct: 4,
  evidence: evidenceOf(20),
  entities: { 'source.ip': ['203.0.113.7'], 'user.name': ['alice', 'bob', 'carol', 'dave'], 'url.path': ['/api/v1/login'] },
  reason: '23 login failures from 203.0.113.7 in 4m 10s (rule asks for 10 in 5m)',
  arrival: last + 1500,
};

/** What an attacker would like on-call to open: markup, quotes, line ends, terminal escapes, overrides of direction, links, and a lot of it. */
export const hostile =
  '<script>alert(1)</script>"\'`><img src=x onerror=alert(2)>\r\nBcc: all@example.org\u001b[31m\u202egnp.exe\u0000 http://evil.example/a?b=1&c=2 ';
