import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleSignal } from '#testkit';
import { notificationOf } from '../intake.js';
import { fromStatus, parseRetryAfter } from './from-status.js';
import { afterAttempt, backOff } from './retry.js';

const hour = 3_600_000;
const waiting = notificationOf(sampleSignal(), 'opened', { receiver: 'oncall', channel: 'webhook', now: 0 });
const refused = { outcome: 'retry', reason: 'unreachable' } as const;

describe('back-off', () => {
  it('doubles from one second to a quarter of an hour, a fifth more or less, the same for the same notification', () => {
    const nominal = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900].map((seconds) => seconds * 1000);
    for (const [index, pause] of nominal.entries()) {
      const drawn = backOff(index + 1, waiting.id);
      expect(drawn).toBe(backOff(index + 1, waiting.id));
      expect(Math.abs(drawn - pause)).toBeLessThanOrEqual(pause / 5);
    }
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.string(),
        (attempt, seed) => backOff(attempt + 1, seed) >= 800 && backOff(attempt + 1, seed) <= 1_080_000,
      ),
    );
  });

  it('waits as long as the receiver asks for, but not for more than a day', () => {
    const asked = (after: number): number =>
      afterAttempt(waiting, { outcome: 'retry', reason: 'rate_limited', after }, { now: 0, retryFor: 72 * hour }).dueAt;
    expect(asked(120_000)).toBe(120_000);
    expect(asked(1)).toBeGreaterThanOrEqual(800);
    expect(asked(1000 * hour)).toBe(24 * hour);
  });

  it('makes a last attempt when the time is up, and gives up after it', () => {
    const retryFor = 72 * hour;
    const before = { ...waiting, attempts: 300 };
    const almost = afterAttempt(before, refused, { now: retryFor - 1000, retryFor });
    expect(almost).toMatchObject({ state: 'waiting', dueAt: retryFor, attempts: 301 });
    expect(afterAttempt(almost, refused, { now: retryFor, retryFor })).toMatchObject({ state: 'given_up', attempts: 302 });
  });

  it('gives up at once what trying again cannot help', () => {
    expect(afterAttempt(waiting, { outcome: 'rejected', reason: 'auth' }, { now: 0, retryFor: hour })).toMatchObject({
      state: 'given_up',
      attempts: 1,
    });
  });
});

describe('the table of HTTP statuses', () => {
  it('tells what trying again can help', () => {
    const outcomes = [200, 202, 204, 301, 307, 400, 401, 403, 404, 407, 408, 410, 413, 425, 429, 500, 502, 503, 504].map((status) => {
      const delivery = fromStatus(status);
      return `${status} ${delivery.outcome}${delivery.outcome === 'delivered' ? '' : ` ${delivery.reason}`}`;
    });
    expect(outcomes).toEqual([
      '200 delivered',
      '202 delivered',
      '204 delivered',
      '301 rejected redirect',
      '307 rejected redirect',
      '400 rejected client_error',
      '401 rejected auth',
      '403 rejected auth',
      '404 rejected client_error',
      '407 rejected auth',
      '408 retry timeout',
      '410 rejected client_error',
      '413 rejected client_error',
      '425 retry timeout',
      '429 retry rate_limited',
      '500 retry server_error',
      '502 retry server_error',
      '503 retry server_error',
      '504 retry server_error',
    ]);
  });

  it('reads Retry-After as seconds or as a date', () => {
    const now = Date.UTC(2026, 0, 15);
    expect(parseRetryAfter('120', now)).toBe(120_000);
    expect(parseRetryAfter('Thu, 15 Jan 2026 00:01:00 GMT', now)).toBe(60_000);
    for (const text of [undefined, '', '-1', '0', 'soon', '1e9', '99999999999', 'Thu, 15 Jan 2020 00:00:00 GMT'])
      expect(parseRetryAfter(text, now)).toBeUndefined();
  });
});
