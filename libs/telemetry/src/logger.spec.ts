import type { Clock } from '#time';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogger, Secret, ServiceError, type Facts, type LoggerOptions } from './index.js';

const clock: Clock = { now: () => Date.UTC(2026, 0, 15, 9, 30, 1, 5), sleep: () => Promise.resolve() };

function written(use: (logger: ReturnType<typeof createLogger>) => void, options: Partial<LoggerOptions> = {}): string {
  let text = '';
  const destination = { write: (line: string) => (text += line) };
  use(createLogger({ level: 'info', destination, clock, ...options }));
  return text;
}

function logged(facts: Facts): Record<string, unknown> {
  return JSON.parse(written((logger) => logger.info('Done.', facts))) as Record<string, unknown>;
}

describe('JSON lines', () => {
  it('have ECS names and the facts beside them', () => {
    expect(written((logger) => logger.warn('Source fell silent.', { source: 'edge', after: 5 }))).toBe(
      '{"log.level":"warn","@timestamp":"2026-01-15T09:30:01.005Z","source":"edge","after":5,"message":"Source fell silent."}\n',
    );
  });

  it('are written from the level upwards', () => {
    const all = (logger: ReturnType<typeof createLogger>): void => {
      logger.debug('a');
      logger.info('b');
      logger.warn('c');
      logger.error('d');
    };
    expect(written(all, { level: 'warn' }).split('\n')).toHaveLength(3);
    expect(written(all, { level: 'silent' })).toBe('');
  });

  it('show no secret: neither by type nor by the name of its key', () => {
    const facts = {
      key: new Secret('s3cret'),
      nested: [{ deep: new Secret('s3cret') }],
      password: 's3cret',
      headers: { Authorization: 's3cret' },
    };
    const line = written((logger) =>
      logger.error('Rejected.', { ...facts, error: new ServiceError('x', 'no', { cause: { apiKey: 's3cret' } }) }),
    );
    expect(line).not.toContain('s3cret');
    expect(logged({ tokens: 3, token_count: 'many' })).toMatchObject({ tokens: 3, token_count: 'many' });
  });

  it('tell code, cause and place of an error', () => {
    const error = new ServiceError('log_full', 'No room.', { retryable: true, cause: new Error('ENOSPC') });
    expect(logged({ error })).toMatchObject({
      error: {
        type: 'ServiceError',
        code: 'log_full',
        retryable: true,
        cause: { type: 'Error', message: 'ENOSPC' },
        stack: expect.stringContaining('logger.spec.ts'),
      },
    });
  });

  it('keep their own keys when a fact has the same name', () => {
    expect(logged({ message: 'forged', 'log.level': 'error' })).toMatchObject({
      message: 'Done.',
      'log.level': 'info',
      'fact.message': 'forged',
    });
  });

  it('stay one bounded line of JSON, whatever the facts are', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const odd = {
      cycle,
      big: 'x'.repeat(1e6),
      list: Array(1e5).fill(1),
      bytes: Buffer.alloc(9),
      n: 10n,
      f() {},
      nan: NaN,
      date: new Date(NaN),
    };
    expect(written((logger) => logger.info('Odd.', odd)).length).toBeLessThan(10_000);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true })), (facts) => {
        const line = written((logger) => logger.info('Any.', facts));
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(JSON.parse(line)).toMatchObject({ message: 'Any.' });
      }),
    );
  });
});

it('goes on when a fact cannot be read', () => {
  const facts = {
    get broken(): string {
      throw new TypeError('no');
    },
  };
  expect(logged(facts)).toMatchObject({ facts: '<unreadable: TypeError>', message: 'Done.' });
});

describe('pretty lines', () => {
  it('are for a person', () => {
    expect(written((logger) => logger.warn('Source fell silent.', { source: 'edge', path: '/a b', n: [1, 2] }), { pretty: true })).toBe(
      '09:30:01.005 warn   Source fell silent.  source=edge  path="/a b"  n=[1,2]\n',
    );
  });

  it('show the stack of an error below', () => {
    const text = written((logger) => logger.error('Failed.', { error: new Error('no') }), { pretty: true });
    expect(text).toMatch(/^09:30:01\.005 error {2}Failed\. {2}error=Error: no\n {4}at /);
  });

  it('let nothing from a fact steer the terminal or forge a line', () => {
    const hostile = '\u001b[2J\u001b]0;owned\u0007\r\n09:00 error Forged.\u202e\u009b31m';
    const text = written((logger) => logger.info('Seen.', { agent: hostile, [hostile]: 1, error: new Error(hostile) }), { pretty: true });
    expect(text.split('\n').filter((line) => line && !line.startsWith('    at '))).toHaveLength(1);
    const values = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(values, values, (key, value) => {
        const line = written((logger) => logger.info('Any.', { [key]: value, list: [value] }), { pretty: true });
        // eslint-disable-next-line no-control-regex -- they are what must not be there
        expect(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(line.slice(0, -1))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('have colours only when asked', () => {
    expect(written((logger) => logger.info('A.'), { pretty: true, colour: true })).toContain('\u001b[32minfo');
  });
});
