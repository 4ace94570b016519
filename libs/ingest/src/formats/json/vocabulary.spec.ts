import { describe, expect, it } from 'vitest';
import { slot } from '#ecs';
import { batchOf, ingestFor } from '../../spec-kit.js';

const names = ['event.action', 'event.category', 'event.type', 'event.outcome', 'user.name', 'source.ip', 'event.code'] as const;

function read(fields: object): unknown[] {
  const line = JSON.stringify({ time: '2026-01-14T10:00:00Z', ...fields });
  const { events, deadLetters } = ingestFor({ format: 'auto', timeZone: 'UTC' }).ingest(batchOf(`${line}\n`));
  expect(deadLetters).toEqual([]);
  return names.map((name) => events[0]!.values[slot[name]]);
}

describe("an application's own word for what happened", () => {
  it('is that of the OWASP logging vocabulary, with its arguments', () => {
    const owasp = { appid: 'shop.auth', level: 'WARN', description: 'User joebob1 login failed', source_ip: '203.0.113.9' };
    expect(read({ ...owasp, event: 'AUTHN_login_fail:joebob1' })).toEqual([
      'authn_login_fail',
      ['authentication'],
      ['start'],
      'failure',
      'joebob1',
      '203.0.113.9',
      'AUTHN_login_fail:joebob1',
    ]);
    expect(read({ event: 'authn_login_fail_max:joebob1,3' }).slice(0, 5)).toEqual([
      'authn_login_fail_max',
      ['authentication'],
      ['start'],
      'failure',
      'joebob1',
    ]);
    expect(read({ event: 'authz_fail:joebob1,/admin' }).slice(0, 5)).toEqual([
      'authz_fail:joebob1,/admin',
      ['iam'],
      ['info'],
      'failure',
      'joebob1',
    ]);
    expect(read({ event: 'malicious_excess_404:198.51.100.7,curl' }).slice(4, 6)).toEqual([undefined, '198.51.100.7']);
    expect(read({ event: 'sys_monitor_disabled:joebob1,crowdstrike' }).slice(0, 4)).toEqual([
      'sys_monitor_disabled:joebob1,crowdstrike',
      ['configuration'],
      ['change'],
      'success',
    ]);
    expect(read({ event: 'input_validation_fail:date_of_birth,joebob1' })[4]).toBeUndefined();
  });

  it('fills what an ECS document leaves open, and leaves what it says', () => {
    expect(read({ 'event.action': 'authn_login_fail', user: { name: 'bob' } }).slice(0, 5)).toEqual([
      'authn_login_fail',
      ['authentication'],
      ['start'],
      'failure',
      'bob',
    ]);
    const said = { action: 'authn_token_created', category: ['session'], type: ['info'], outcome: 'failure' };
    expect(read({ event: said }).slice(0, 4)).toEqual(['authn_token_created', ['session'], ['info'], 'failure']);
  });

  it.each([
    [{ event: 'login_failed' }, 'authn_login_fail', 'failure'],
    [{ event: 'user.login.failed' }, 'authn_login_fail', 'failure'],
    [{ event: 'UserLoginSuccess' }, 'authn_login_success', 'success'],
    [{ action: 'failed-login' }, 'authn_login_fail', 'failure'],
    [{ event_type: 'auth:sign_in', result: 'denied' }, 'authn_login_fail', 'failure'],
    [{ action: 'login', success: true }, 'authn_login_success', 'success'],
    [{ action: 'login', success: false }, 'authn_login_fail', 'failure'],
    [{ event: { action: 'logon', outcome: 'failure' } }, 'authn_login_fail', 'failure'],
    [{ event: 'logout' }, 'authn_logout', 'success'],
    [{ event: 'account.locked' }, 'authn_login_lock', 'failure'],
    [{ event: 'mfa_challenge_failed' }, 'authn_mfa_fail', 'failure'],
    [{ event: 'PasswordChanged' }, 'authn_password_change', 'success'],
  ])('is understood where it plainly means one: %j', (fields, action, outcome) => {
    const found = read({ ...fields, user: 'bob', ip: '203.0.113.9' });
    expect([found[0], found[3], found[4], found[5]]).toEqual([action, outcome, 'bob', '203.0.113.9']);
  });

  it.each([
    [{ action: 'login' }],
    [{ event: 'login_page_viewed' }],
    [{ event: 'order_failed' }],
    [{ event: 'blogin_failed' }],
    [{ event: 'authorize', result: 'failure' }],
  ])('stays what it is where it does not: %j', (fields) => {
    const found = read({ ...fields, user: 'bob' });
    expect(found.slice(0, 2)).toEqual([Object.values(fields)[0], undefined]);
  });

  it('does not hide a login that request and answer tell', () => {
    const request = { method: 'POST', path: '/session', status: 401, ip: '203.0.113.9' };
    expect(read({ ...request, controller: 'sessions', action: 'create' }).slice(0, 4)).toEqual([
      'authn_login_fail',
      ['web', 'authentication'],
      ['access', 'start'],
      'failure',
    ]);
    expect(read({ ...request, path: '/v1/enter', action: 'login' }).slice(0, 4)).toEqual([
      'authn_login_fail',
      ['web', 'authentication'],
      ['access', 'start'],
      'failure',
    ]);
    expect(read({ ...request, method: 'GET', path: '/orders', status: 200, action: 'index' }).slice(0, 3)).toEqual([
      'index',
      ['web'],
      ['access'],
    ]);
  });
});

describe('an envelope', () => {
  const access = '203.0.113.9 - - [14/Jan/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8"';
  const path = (fields: object): unknown => {
    const { events } = ingestFor({ format: 'auto', timeZone: 'UTC' }).ingest(batchOf(`${JSON.stringify(fields)}\n`));
    return events[0]?.values[slot['url.path']];
  };

  it("of Splunk's HTTP Event Collector, of GELF and of Cloud Logging is opened", () => {
    expect(path({ event: access, time: 1768384800, host: 'web1', sourcetype: 'nginx' })).toBe('/a');
    expect(path({ event: { method: 'GET', path: '/b', status: 200, ip: '203.0.113.9' }, time: 1768384800.5, host: 'web1' })).toBe('/b');
    expect(path({ version: '1.1', host: 'web1', short_message: access, timestamp: 1768384800.1, level: 6 })).toBe('/a');
    expect(path({ insertId: 'a', timestamp: '2026-01-14T10:00:00Z', textPayload: access, resource: { type: 'k8s_container' } })).toBe('/a');
  });

  it('of a tracing library names the request', () => {
    const fields = { method: 'GET', path: '/t', status: 500, remote_addr: '203.0.113.9:5000', message: 'finished' };
    expect(path({ fields, target: 'tower_http', timestamp: '2026-01-14T10:00:00Z', level: 'INFO' })).toBe('/t');
  });
});
