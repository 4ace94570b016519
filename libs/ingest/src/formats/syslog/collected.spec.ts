import { describe, expect, it } from 'vitest';
import { slot } from '#ecs';
import { batchOf, ingestFor } from '../../spec-kit.js';

const failure = 'Failed password for root from 203.0.113.6 port 1234 ssh2';
const access = '203.0.113.9 - - [14/Jan/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8"';
const names = ['event.dataset', 'event.action', 'source.ip', 'user.name', 'host.name', 'process.name', 'process.pid', 'log.level'] as const;
const journal = (fields: object): object => ({ __REALTIME_TIMESTAMP: '1768384800123456', _HOSTNAME: 'web1', _PID: '5', ...fields });

function read(document: object): { time: number; said: unknown[] } {
  const { events, deadLetters } = ingestFor({ format: 'auto', timeZone: 'UTC' }).ingest(batchOf(`${JSON.stringify(document)}\n`));
  expect(deadLetters).toEqual([]);
  return { time: events[0]!.time, said: names.map((name) => events[0]!.values[slot[name]]) };
}

describe('a syslog line that a collector took apart', () => {
  it('is read as it was, from the journal', () => {
    const { time, said } = read(journal({ SYSLOG_IDENTIFIER: 'sshd', PRIORITY: '6', SYSLOG_FACILITY: '10', MESSAGE: failure }));
    expect(time).toBe(1768384800123);
    expect(said).toEqual(['system.auth', 'authn_login_fail', '203.0.113.6', 'root', 'web1', 'sshd', 5, 'informational']);
  });

  it('may be bytes in the journal', () => {
    expect(read(journal({ _COMM: 'sshd', MESSAGE: [...Buffer.from(failure)] })).said.slice(0, 4)).toEqual([
      'system.auth',
      'authn_login_fail',
      '203.0.113.6',
      'root',
    ]);
  });

  it('holds any format in the journal, as text and as JSON, with the time of the entry where it has none', () => {
    expect(read(journal({ SYSLOG_IDENTIFIER: 'nginx', MESSAGE: access })).said.slice(0, 6)).toEqual([
      'http.access',
      undefined,
      '203.0.113.9',
      undefined,
      'web1',
      'nginx',
    ]);
    const json = JSON.stringify({ method: 'GET', path: '/x', status: 401, ip: '203.0.113.9' });
    const { time, said } = read(journal({ SYSLOG_IDENTIFIER: 'api', MESSAGE: json }));
    expect(time).toBe(1768384800123);
    expect(said.slice(0, 3)).toEqual(['json.access', undefined, '203.0.113.9']);
    expect(read(journal({ SYSLOG_IDENTIFIER: 'cron-job', MESSAGE: 'all done' })).said[5]).toBe('cron-job');
  });

  it.each([
    ['Vector', { timestamp: '2026-01-14T10:00:00Z', host: 'web1', appname: 'sshd', procid: 5, severity: 'info', message: failure }],
    ['Fluent Bit', { date: 1768384800, host: 'web1', ident: 'sshd', pid: '5', message: failure }],
    ['rsyslog', { '@timestamp': '2026-01-14T10:00:00+00:00', host: 'web1', programname: 'sshd', procid: '5', message: failure }],
    ['syslog-ng', { ISODATE: '2026-01-14T10:00:00+00:00', HOST: 'web1', PROGRAM: 'sshd', PID: '5', MESSAGE: failure }],
    ['Filebeat', { '@timestamp': '2026-01-14T10:00:00Z', host: { name: 'web1' }, process: { name: 'sshd', pid: 5 }, message: failure }],
  ])('is known by its program where %s wrote it', (_, document) => {
    const { time, said } = read(document);
    expect(time).toBe(Date.UTC(2026, 0, 14, 10));
    expect(said.slice(0, 7)).toEqual(['system.auth', 'authn_login_fail', '203.0.113.6', 'root', 'web1', 'sshd', 5]);
  });

  it('is not taken for what a user name looks like', () => {
    const hostile = `Failed password for invalid user ${access} from 198.51.100.9 port 50102 ssh2`;
    expect(read({ timestamp: '2026-01-14T10:00:00Z', appname: 'sshd', message: hostile }).said.slice(0, 3)).toEqual([
      'system.auth',
      'authn_login_fail',
      '198.51.100.9',
    ]);
  });

  it('is none where the object says itself what happened, or the program is another', () => {
    const event = { category: ['process'], type: ['start'], action: 'exec' };
    expect(read({ '@timestamp': '2026-01-14T10:00:00Z', event, process: { name: 'sudo' }, message: 'x' }).said[1]).toBe('exec');
    expect(read({ timestamp: '2026-01-14T10:00:00Z', appname: 'shop', message: access }).said[2]).toBe('203.0.113.9');
  });
});
