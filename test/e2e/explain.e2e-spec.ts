import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewatch, Service, type Finished } from './gatewatch-process.js';
import { accessLine, burstRule, post, refusedLogins, settled } from './login-burst.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-explain-'));
const path = (name: string): string => join(dir, name);
const start = Date.UTC(2026, 0, 15, 10);
const burst = '5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c002';
/** Twelve refused logins of one address and seven of another, which are not enough. */
const log =
  refusedLogins(start, 12) +
  accessLine(start + 20_000, { ip: '198.51.100.9', request: 'POST /login', status: 200 }) +
  refusedLogins(start + 30_000, 7, '198.51.100.9');
const own = ['--no-shipped', '--rules', path('rules')];
const run = (...args: string[]): Promise<Finished> => gatewatch(args, { cwd: dir });
const json = <T>({ stdout }: Finished): T => JSON.parse(stdout) as T;

beforeAll(() => {
  for (const name of ['rules', 'looser', 'narrower']) mkdirSync(path(name));
  writeFileSync(path('rules/burst.yml'), burstRule);
  writeFileSync(path('looser/burst.yml'), burstRule.replace('gte: 10', 'gte: 5'));
  writeFileSync(path('narrower/burst.yml'), burstRule.replace('gte: 10', 'gte: 12'));
  writeFileSync(path('access.log'), log);
  writeFileSync(path('access.log.gz'), gzipSync(log));
});

interface Backtest {
  readonly events: number;
  readonly signals: number;
  readonly rules: { name: string; signals: number; top: { entity: string }[] }[];
  readonly per_day: Record<string, number>;
  readonly notices: { receiver: string; messages: number }[];
  readonly labels?: { precision: number };
  readonly against?: { only_a: number; only_b: number; both: number; differences: { entity: string; only_b: number }[] };
}

describe('rules backtest', () => {
  it('counts signals by rule, day and entity, and messages, of a file, a gzip file and standard input alike', async () => {
    const [plain, gzip, stdin] = await Promise.all([
      run('rules', 'backtest', ...own, '--json', 'access.log'),
      run('rules', 'backtest', ...own, '--json', 'access.log.gz'),
      gatewatch(['rules', 'backtest', ...own, '--json', '-'], { cwd: dir, input: log }),
    ]);
    const [one, two, three] = [plain, gzip, stdin].map((finished) => ({ ...json<Backtest & { input: string }>(finished), input: '' }));
    expect([two, three]).toEqual([one, one]);
    expect(one).toMatchObject({
      events: 20,
      signals: 1,
      rules: [{ name: 'many_refused_logins', signals: 1, top: [{ entity: '203.0.113.7', signals: 1, events: 12 }] }],
      per_day: { '2026-01-15': 1 },
      notices: [{ receiver: 'log', messages: 2 }],
    });
  });

  it('compares two versions of a rule set, and takes verdicts', async () => {
    writeFileSync(path('verdicts.csv'), 'rule,entity,verdict\nmany_refused_logins,203.0.113.7,tp\n');
    const args = ['rules', 'backtest', ...own, '--against', 'looser', '--labels', 'verdicts.csv', 'access.log'];
    const [machine, person] = await Promise.all([run(...args, '--json'), run(...args)]);
    expect(json<Backtest>(machine)).toMatchObject({
      labels: { true_positives: 1, precision: 1 },
      against: { only_a: 0, only_b: 1, both: 1, changed: 0, differences: [{ entity: '198.51.100.9', only_b: 1 }] },
    });
    expect(person.stdout).toContain('many_refused_logins for 198.51.100.9: 1 only in the other');
    expect(person.stdout).toContain('precision 100.0 %');
  });

  it('says what does not go together', async () => {
    const [none, both, twice, nowhere] = await Promise.all([
      run('rules', 'backtest', ...own),
      run('rules', 'backtest', ...own, '--store', 'data', '--', 'access.log'),
      gatewatch(['rules', 'backtest', ...own, '--against', 'looser', '-'], { cwd: dir, input: log }),
      run('rules', 'backtest', ...own, '--store', 'nothing'),
    ]);
    expect([none, both, twice, nowhere].map(({ code, stderr }) => [code, stderr.trim()])).toEqual([
      [1, 'give one or more log files, - for standard input, or --store'],
      [1, 'give files or --store, not both'],
      [1, '--against reads the events twice: give a file, not standard input'],
      [1, 'nothing is no data directory: a service was never started with it'],
    ]);
  });
});

interface Told {
  readonly fired: boolean;
  readonly seen: number;
  readonly matched: number;
  readonly late: number;
  readonly groups: { matched: number; nearest: { reached: number; missing: number } }[];
}

describe('why and why-not', () => {
  it('say what was counted where a rule fired', async () => {
    const [machine, person] = await Promise.all([
      run('why', ...own, '--json', 'many_refused_logins', '203.0.113.7', 'access.log'),
      run('why', ...own, burst, '203.0.113.7', 'access.log.gz'),
    ]);
    expect(machine.code).toBe(0);
    expect(json<Told>(machine)).toMatchObject({
      fired: true,
      seen: 12,
      matched: 12,
      groups: [{ group: { 'source.ip': '203.0.113.7' }, matched: 12, nearest: { reached: 12, needed: 10, missing: 0 } }],
      signals: [{ gatewatch: { signal: { count: 12 } } }],
    });
    await expect(person.stdout).toMatchFileSnapshot('why.expected.txt');
  });

  it('say how close it came, what did not match and what was late, where it did not', async () => {
    const late = log + accessLine(start + 600_000, {}) + refusedLogins(start + 31_000, 2, '198.51.100.9');
    writeFileSync(path('late.log'), late);
    const [fired, machine, person] = await Promise.all([
      run('why', ...own, 'many_refused_logins', '198.51.100.9', 'late.log'),
      run('why-not', ...own, '--json', 'many_refused_logins', '198.51.100.9', 'late.log'),
      run('why-not', ...own, 'many_refused_logins', 'source.ip=198.51.100.9', 'late.log'),
    ]);
    expect([fired.code, machine.code, person.code]).toEqual([1, 0, 0]);
    expect(json<Told>(machine)).toMatchObject({
      fired: false,
      seen: 10,
      matched: 9,
      late: 2,
      groups: [
        { matched: 7, nearest: { reached: 7, needed: 10, missing: 3, from: '2026-01-15T10:00:30.000Z', to: '2026-01-15T10:00:36.000Z' } },
      ],
      near_matches: [{ events: 1, failed: [{ field: 'http.response.status_code', expected: 'is 401', found: '200', excluded: false }] }],
    });
    await expect(person.stdout).toMatchFileSnapshot('why-not.expected.txt');
  });

  it('say that an address is shared by many, where that keeps its failures from counting', async () => {
    const ip = '198.51.100.7';
    const staff = (at: number, status: number, user: number): string =>
      accessLine(at, { ip, user: `staff${user}`, request: 'POST /api/v1/login', status });
    const people = Array.from({ length: 20 }, (_, user) => staff(start + user * 1000, 200, user));
    const morning = Array.from({ length: 20 }, (_, user) => staff(start + 20 * 3_600_000 + user * 1000, 401, user));
    writeFileSync(path('office.log'), [...people, ...morning].join(''));
    const [machine, person] = await Promise.all([
      run('why-not', '--json', 'login_burst', ip, 'office.log'),
      run('why-not', 'login_burst', ip, 'office.log'),
    ]);
    expect(json<Told>(machine)).toMatchObject({ fired: false, seen: 40, matched: 20, shut: 20, groups: [] });
    expect(person.stdout).toContain("20 do not count by the state of their key: the rule says 'unless shared_address'");
  });

  it('hold to the exceptions of the configuration, and name them', async () => {
    const ip = '198.51.100.8';
    const tries = Array.from({ length: 12 }, (_, i) => accessLine(start + i * 1000, { ip, request: 'POST /api/v1/login', status: 401 }));
    writeFileSync(path('excepted.log'), tries.join(''));
    const exception = {
      name: 'probe',
      rules: 'login_burst',
      when: { 'source.ip': ip },
      owner: 'ops',
      reason: 'ours',
      expires: '2099-01-01',
    };
    writeFileSync(path('excepted.yml'), JSON.stringify({ detection: { exceptions: [exception] } }));
    const { stdout } = await run('why-not', 'login_burst', ip, 'excepted.log', '--config', 'excepted.yml');
    expect(stdout).toContain('did not fire');
    expect(stdout).toContain('12 do not count: exception probe');
    expect((await run('why', 'login_burst', ip, 'excepted.log')).stdout).toContain('fired for');
  });

  it('name a rule that is not there', async () => {
    const { code, stderr } = await run('why', ...own, 'nothing', '1.2.3.4', 'access.log');
    expect([code, stderr]).toEqual([1, expect.stringContaining('there is no rule "nothing"')]);
  });
});

interface Coverage {
  readonly watermark: string;
  readonly rules: { name: string; versions: unknown[]; holes: { reason: string }[] }[];
}

describe('over the store of a service', () => {
  const data = path('data');
  let signal = '';
  let provenance: object = {};
  let answered: Coverage | undefined;
  let unknown: unknown;
  let describedPaths: string[] = [];
  let live: Finished[] = [];
  let service: Service | undefined;

  beforeAll(async () => {
    writeFileSync(path('gatewatch.yml'), `data_dir: ${data}\ndetection:\n  shipped: false\n  rules: [${path('rules')}]\n`);
    service = await Service.start(['--config', path('gatewatch.yml')]);
    const keys = service.keys();
    await post(service, keys.write, log);
    await settled(service, keys, 20);
    const found = await service.all<{ event: { id: string }; gatewatch: { signal: { provenance: object } } }>(
      `/v1/signals?from=2026-01-01&rule=${burst}`,
      keys.read,
    );
    signal = found[0]!.event.id;
    provenance = found[0]!.gatewatch.signal.provenance;
    const ask = (path: string): Promise<{ data: Coverage }> => service!.get(path, keys.read);
    answered = (await ask('/v1/coverage?rule=many_refused_logins&from=2026-01-15T10:00:00Z&to=2026-01-15T11:00:00Z')).data;
    unknown = await ask('/v1/coverage?rule=nothing').catch((error: Error) => error.message);
    describedPaths = Object.keys((await service.get<{ paths: object }>('/openapi.json', keys.read)).paths);
    const at = ['--store', '--url', service.url, '--key'];
    live = await Promise.all([
      run('rules', 'backtest', ...at, keys.read, '--json'),
      run('rules', 'backtest', ...at, keys.read, '--from', '2026-01-15T10:00:05Z', '--to', '2026-01-15T11:00Z', '--json'),
      run('why', ...at, keys.read, '--json', 'many_refused_logins', '203.0.113.7'),
      run('rules', 'backtest', ...at, keys.write),
      run('rules', 'backtest', '--store', '--url', 'http://127.0.0.1:1', '--key', keys.read),
    ]);
    await service.kill('SIGTERM');
  });
  afterAll(async () => {
    await service?.kill('SIGKILL');
  });

  it('backtest gives what the service itself found, within --from and --to', async () => {
    const whole = json<Backtest>(await run('rules', 'backtest', '--store', '--json'));
    const part = json<Backtest>(
      await run('rules', 'backtest', '--store', data, '--from', '2026-01-15T10:00:05Z', '--to', '2026-01-15T11:00Z', '--json'),
    );
    expect(whole).toMatchObject({ events: 20, signals: 1, rules: [{ name: 'many_refused_logins', signals: 1 }] });
    expect(part).toMatchObject({ events: 15, signals: 0 });
    expect(signal).toMatch(/^[\w-]{22}$/);
  });

  it('backtest and why of a service that runs, through its read door, give the same as of one that is stopped', async () => {
    const [whole, part, why, refused, absent] = live;
    // One after the other: each has the data directory to itself.
    const stopped = [
      await run('rules', 'backtest', '--store', '--json'),
      await run('rules', 'backtest', '--store', '--from', '2026-01-15T10:00:05Z', '--to', '2026-01-15T11:00Z', '--json'),
      await run('why', '--store', '--json', 'many_refused_logins', '203.0.113.7'),
    ];
    expect(live.slice(0, 3).map(({ stderr }) => stderr)).toEqual(['', '', '']);
    const unnamed = ({ stdout, code }: Finished): object => ({ code, ...(JSON.parse(stdout) as object), input: '', seconds: 0 });
    expect([whole!, part!, why!].map(unnamed)).toEqual(stopped.map(unnamed));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('the service answers 403') });
    expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('the service does not answer') });
  });

  it('why tells of stored events', async () => {
    const told = json<Told>(await run('why', '--store', '--json', 'many_refused_logins', '203.0.113.7'));
    expect(told).toMatchObject({
      fired: true,
      matched: 12,
      groups: [{ nearest: { reached: 12, missing: 0 } }],
      signals: [{ event: { id: signal } }],
    });
  });

  it('a signal says under what it was made, and replay makes it again', async () => {
    const person = await run('replay', signal);
    const machine = await run('replay', 'nothing');
    expect(person).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Signal ${signal} of many_refused_logins comes out the same`),
    });
    expect(machine).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no signal nothing') });
    expect(provenance).toMatchObject({
      rule: expect.any(String),
      config: expect.stringMatching(/^[0-9a-f]{16}$/),
      complete: true,
      data: { 'user-agent': expect.any(String) },
    });
  });

  it('replay says what comes out otherwise under other rules', async () => {
    const told = await run('replay', signal, '--rules', 'narrower', '--json');
    expect(told.code).toBe(1);
    expect(json(told)).toMatchObject({
      verdict: 'differs',
      differences: [{ what: 'reached', then: '2026-01-15T10:00:09.000Z', now: '2026-01-15T10:00:11.000Z' }],
      context: [{ what: 'rule version' }],
      evidence_gone: 0,
    });
  });

  it('coverage says what was evaluated, through the API and, from what was saved, by the command', async () => {
    expect(answered).toMatchObject({
      from: '2026-01-15T10:00:00.000Z',
      rules: [{ rule: burst, name: 'many_refused_logins', holes: [{ reason: 'not_yet', to: '2026-01-15T11:00:00.000Z' }] }],
      sources: [{ source: 'http', silent: false, ranges: [{ from: '2026-01-15T10:00:00.000Z', to: '2026-01-15T10:01:00.000Z' }] }],
    });
    expect(unknown).toMatch(/404/);
    expect(describedPaths).toContain('/v1/coverage');
    const machine = await run('coverage', '--json', '--from', '2026-01-15T10:00:00Z', '--to', '2026-01-15T09:59:00Z');
    const person = await run('coverage', '--from', '2026-01-15T09:00:00Z', '--rule', 'many_refused_logins', '--to', '2027-01-01');
    const nothing = await run('coverage', '--rule', 'nothing');
    expect(machine.code).toBe(0);
    expect(json<Coverage>(machine).rules.map(({ name }) => name)).toEqual(['many_refused_logins']);
    expect(person.stdout).toMatch(
      /^Event time from .*\nmany_refused_logins, version \w+\n(.*\n)*.* 2027-01-01T00:00:00.000Z {2}not evaluated yet\n/,
    );
    expect([nothing.code, nothing.stderr]).toEqual([1, 'the ledger knows no rule nothing\n']);
  });
});
