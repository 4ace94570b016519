import { gzipSync } from 'node:zlib';
import { until, type Keys, type Service } from './gatewatch-process.js';

/** Ten refused logins from one address within five minutes: a rule of our own, so that what these specs see does not move with the shipped rules. */
export const burstRule = `title: Refused login
id: 5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c001
name: refused_login
logsource: { category: webserver }
detection:
  refused:
    http.request.method: POST
    url.path: /login
    http.response.status_code: 401
  condition: refused
level: low
---
title: Many refused logins
id: 5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c002
name: many_refused_logins
correlation:
  type: event_count
  rules: [refused_login]
  group-by: [source.ip]
  timespan: 5m
  condition: { gte: 10 }
level: high
gatewatch:
  runbook: Block the address at the gateway.
`;

/** One match is one signal: each call of a path. */
export const pathRule = (path: string, id = '5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c003'): string => `title: Call of ${path}
id: ${id}
logsource: { category: webserver }
detection:
  called: { url.path: ${path} }
  condition: called
level: medium
`;

export interface Call {
  readonly ip?: string;
  readonly user?: string;
  readonly request?: string;
  readonly status?: number;
  readonly agent?: string;
}

/** A line of an access log in combined format, newline and all. */
export function accessLine(
  at: number,
  { ip = '203.0.113.7', user = '-', request = 'GET /', status = 200, agent = 'curl/8.5' }: Call,
): string {
  // Thu, 15 Jan 2026 10:00:00 GMT
  const [day, month, year, time] = new Date(at).toUTCString().slice(5).split(' ');
  return `${ip} - ${user} [${day}/${month}/${year}:${time} +0000] "${request} HTTP/1.1" ${status} 12 "-" "${agent}"\n`;
}

/** Refused logins, one a second. */
export function refusedLogins(from: number, count: number, ip = '203.0.113.7'): string {
  return Array.from({ length: count }, (_, at) => accessLine(from + at * 1000, { ip, request: 'POST /login', status: 401 })).join('');
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Posts logs; `gzip` compresses them first. */
export async function post(
  service: Service,
  key: string,
  body: string | Uint8Array,
  { gzip = false, headers = {}, path = '/v1/logs' }: { gzip?: boolean; headers?: Record<string, string>; path?: string } = {},
): Promise<Answer> {
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'text/plain', ...(gzip && { 'content-encoding': 'gzip' }), ...headers },
    body: Uint8Array.from(gzip ? gzipSync(body) : Buffer.from(body)),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export interface Ledger {
  readonly received: number;
  readonly stored: number;
  readonly deadLettered: number;
  readonly duplicate: number;
  readonly blank: number;
  readonly difference: number;
}

/** Waits until so many records of the source were received in all and each is accounted for; fails where more came. */
export async function settled(service: Service, keys: Keys, received: number, source = 'http'): Promise<Ledger> {
  interface Checks {
    // A check that could not be made in time, as on a busy machine, has no facts.
    readonly balance: { readonly facts?: Readonly<Record<string, Ledger>> };
    readonly pipeline: { readonly facts?: { readonly behind: number; readonly signalsPending: boolean } };
  }
  const checks = async (): Promise<Checks> => (await service.get<{ checks: Checks }>('/health', keys.read)).checks;
  const { balance } = await until(checks, ({ balance: { facts }, pipeline }) => {
    const ledger = facts?.[source];
    const told = pipeline.facts !== undefined && pipeline.facts.behind <= 1 && !pipeline.facts.signalsPending;
    return told && ledger !== undefined && ledger.received >= received && ledger.difference === 0;
  });
  const found = balance.facts?.[source];
  if (found?.received !== received) throw new Error(`received ${found?.received} records, not ${received}`);
  return found;
}
