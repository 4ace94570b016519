import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { gatewatch, type Finished } from './gatewatch-process.js';
import { accessLine, burstRule, pathRule, refusedLogins } from './login-burst.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-doors-'));
const start = Date.UTC(2026, 0, 15, 10);
const log = refusedLogins(start, 12) + 'what is this\n' + accessLine(start + 60_000, { ip: '198.51.100.9', request: 'GET /admin' });
const path = (name: string): string => join(dir, name);
/** What the commands print: documents of ECS, or lines of `match`. */
interface Printed {
  readonly '@timestamp': string;
  readonly event: { readonly start?: string };
  readonly rule: { readonly name?: string };
  readonly gatewatch: { readonly offset?: number; readonly signal?: { readonly count: number } };
}
const ndjson = (text: string): Printed[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Printed);
const own = ['--no-shipped', '--rules', path('rules')];
const run = (...args: string[]): Promise<Finished> => gatewatch(args, { cwd: dir });

beforeAll(() => {
  mkdirSync(path('rules'));
  writeFileSync(path('rules/burst.yml'), burstRule);
  writeFileSync(path('access.log'), log);
  writeFileSync(path('access.log.gz'), gzipSync(log));
});

describe('scan', () => {
  it('prints a report for a person, the same for a file, a gzip file and standard input', async () => {
    const [plain, gzip, stdin] = await Promise.all([
      run('scan', ...own, 'access.log'),
      run('scan', ...own, 'access.log.gz'),
      gatewatch(['scan', ...own, '-'], { cwd: dir, input: log }),
    ]);
    // The speed is this machine's.
    const report = plain.stdout.replace(/ in [\d.]+ s \([\d,]+ a second\)/, '');
    await expect(report).toMatchFileSnapshot('scan-report.expected.txt');
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    const body = ({ stdout }: Finished): string => stdout.slice(stdout.indexOf('\n'));
    expect([body(gzip), body(stdin)]).toEqual([body(plain), body(plain)]);
  });

  it('prints alert documents with --json and nothing else', async () => {
    const { code, stdout, stderr } = await run('scan', '--json', ...own, 'access.log');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [alert, ...more] = ndjson(stdout);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({
      '@timestamp': '2026-01-15T10:00:09.000Z',
      event: {
        kind: 'alert',
        start: '2026-01-15T10:00:00.000Z',
        end: '2026-01-15T10:00:11.000Z',
        id: expect.stringMatching(/^[\w-]{22}$/),
      },
      rule: { id: '5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c002', name: 'Many refused logins', category: 'event_count' },
      gatewatch: { signal: { status: 'closed', level: 'high', group: { 'source.ip': '203.0.113.7' }, count: 12 } },
    });
  });

  it('merges several files by time', async () => {
    const lines = refusedLogins(start, 12).split(/(?<=\n)/);
    writeFileSync(path('odd.log'), lines.filter((_, at) => at % 2).join(''));
    writeFileSync(path('even.log'), lines.filter((_, at) => at % 2 === 0).join(''));
    const { stdout } = await run('scan', '--json', ...own, 'odd.log', 'even.log');
    expect(ndjson(stdout).map(({ event, gatewatch: { signal } }) => [event.start, signal?.count])).toEqual([
      ['2026-01-15T10:00:00.000Z', 12],
    ]);
  });

  it('reads stamps without a zone in --time-zone, and a log_format string', async () => {
    const ssh = 'Jan 15 10:00:00 web sshd[7]: Failed password for root from 203.0.113.7 port 22 ssh2\n';
    const format = '$remote_addr|$time_iso8601|$request|$status';
    const [zone, custom, unknown] = await Promise.all([
      gatewatch(['parse', '--time-zone', '-05:00', '-'], { input: ssh }),
      gatewatch(['parse', '--format', format, '-'], { input: '203.0.113.7|2026-01-15T10:00:00+01:00|GET /x?y=1 HTTP/1.1|404\n' }),
      run('scan', '--format', 'nonsense', 'access.log'),
    ]);
    expect(ndjson(zone.stdout)[0]?.['@timestamp']).toMatch(/-01-15T15:00:00/);
    expect(ndjson(custom.stdout)[0]).toMatchObject({
      '@timestamp': '2026-01-15T09:00:00.000Z',
      source: { ip: '203.0.113.7' },
      url: { path: '/x' },
      http: { response: { status_code: 404 } },
    });
    expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('"nonsense" is not known') });
  });

  it('uses the shipped rules unless told not to, and ends with 1 for a file that is not there', async () => {
    const [shipped, missing] = await Promise.all([run('scan', '--json', 'access.log'), run('scan', 'nothing.log')]);
    expect(ndjson(shipped.stdout).map(({ rule }) => rule.name)).toContain('Login failures from one address');
    expect(missing).toEqual({ code: 1, stdout: '', stderr: 'gatewatch: nothing.log: there is no such file\n' });
  });
});

describe('parse', () => {
  it('prints one document a record, in order, dead letters with their reason', async () => {
    const { code, stdout, stderr } = await run('parse', 'access.log');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const found = ndjson(stdout);
    expect(found.map(({ gatewatch }) => gatewatch.offset)).toEqual(Array.from({ length: 14 }, (_, at) => at));
    expect(found[0]).toMatchObject({
      '@timestamp': '2026-01-15T10:00:00.000Z',
      event: { dataset: 'http.access' },
      url: { path: '/login' },
    });
    expect(found[12]).toMatchObject({
      event: { kind: 'pipeline_error' },
      error: { code: 'format_unknown' },
      gatewatch: { dead_letter: { reason: 'format_unknown', raw: Buffer.from('what is this').toString('base64') } },
    });
  });
});

describe('match', () => {
  const events =
    '{"http":{"request":{"method":"POST"},"response":{"status_code":401}},"url":{"path":"/login"},"source.ip":"203.0.113.7","@timestamp":"T"}\n';
  const dotted =
    '{"http.request.method":"POST","http.response.status_code":401,"url.path":"/admin","source.ip":"203.0.113.7","@timestamp":"T"}\n';
  const at = (text: string, second: number): string => text.replace('"T"', `"2026-01-15T10:00:${String(second).padStart(2, '0')}Z"`);

  it('prints a line a match and the signals of correlations, for dotted and nested names alike', async () => {
    writeFileSync(path('rules/admin.yml'), pathRule('/admin'));
    const input = Array.from({ length: 10 }, (_, second) => at(events, second)).join('') + at(dotted, 30);
    const { code, stdout, stderr } = await gatewatch(['match', '--rules', path('rules'), '-'], { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const found = ndjson(stdout);
    expect(found).toHaveLength(2);
    expect(stdout.split('\n')[0]).toBe(
      '{"rule":"5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c003","title":"Call of /admin","event":11,"@timestamp":"2026-01-15T10:00:30.000Z"}',
    );
    expect(found[1]).toMatchObject({
      rule: '5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c002',
      title: 'Many refused logins',
      type: 'event_count',
      group: { 'source.ip': '203.0.113.7' },
      count: 10,
    });
  });

  it('reads the rest after a line that is no JSON, names the line, and ends with 1', async () => {
    const input = `${at(dotted, 1)}{"a":\n[1]\n${at(dotted, 2)}`;
    const { code, stdout, stderr } = await gatewatch(['match', '--rules', path('rules/admin.yml'), '-'], { input });
    expect(code).toBe(1);
    expect(ndjson(stdout).map(({ event }) => event)).toEqual([1, 4]);
    expect(stderr).toMatch(/line 2: The line is no JSON.*\nline 3: The line is JSON, but no object/);
  });

  it('names every problem of a rule with file and line, and matches nothing', async () => {
    const wrong = pathRule('/admin').replace('url.path', 'url.path|contians').replace('condition: called', 'condition: caled');
    writeFileSync(path('wrong.yml'), wrong.replace('level: medium', 'level: midium'));
    const expected = [
      "wrong.yml:5  detection.called.url.path|contians: unknown modifier 'contians': did you mean 'contains'?",
      "wrong.yml:6  detection.condition: unknown selection 'caled': did you mean 'called'?",
      "wrong.yml:7  level: unknown level 'midium': did you mean 'medium'?",
    ];
    const [matched, linted, scanned] = await Promise.all([
      gatewatch(['match', '--rules', 'wrong.yml', '-'], { cwd: dir, input: at(dotted, 1) }),
      run('rules', 'lint', '--no-shipped', '--rules', 'wrong.yml'),
      run('scan', '--rules', 'wrong.yml', 'access.log'),
    ]);
    for (const { code, stdout, stderr } of [matched, linted, scanned])
      expect({ code, stdout, problems: stderr.trim().split('\n') }).toEqual({ code: 1, stdout: '', problems: expected });
  });
});

describe('the other commands', () => {
  it('generate writes the same bytes for the same seed, and the truth', async () => {
    const day = ['--lines', '2000', '--end', '2026-01-16T00:00:00Z'];
    const [one, same, other] = await Promise.all([
      run('generate', '--seed', '7', ...day, '--truth', 'truth.json'),
      run('generate', '--seed', '7', ...day, '--out', 'day.log'),
      run('generate', '--seed', '8', ...day),
    ]);
    expect([one.code, same.code, same.stdout]).toEqual([0, 0, '']);
    expect(one.stderr).toMatch(/^\d+ lines, \d+ attacks planted\n$/);
    expect(readFileSync(path('day.log'), 'utf8')).toBe(one.stdout);
    expect(other.stdout).not.toBe(one.stdout);
    const truth = JSON.parse(readFileSync(path('truth.json'), 'utf8')) as { kind: string }[];
    expect(truth.map(({ kind }) => kind)).toContain('near_miss');
  });

  it('check-config names all problems at once with file and line', async () => {
    writeFileSync(path('bad.yml'), 'data_dir: 5\nhttp:\n  prot: 1\nlog_level: loud\n');
    writeFileSync(path('badrule.yml'), `detection:\n  rules: [${path('wrong.yml')}]\n`);
    writeFileSync(path('good.yml'), 'http: { port: 8000 }\n');
    const [bad, badRule, good] = await Promise.all([
      run('check-config', 'bad.yml'),
      run('check-config', 'badrule.yml'),
      run('check-config', 'good.yml'),
    ]);
    expect([bad.code, bad.stdout, bad.stderr.trim().split('\n')]).toEqual([
      78,
      '',
      [
        'bad.yml:1  data_dir: expected a text, got 5; put it in quotes: "5"',
        'bad.yml:3  http.prot: no such key; did you mean `port`?',
        'bad.yml:4  log_level: expected one of "error", "warn", "info", "debug", got "loud"',
      ],
    ]);
    expect([badRule.code, badRule.stderr]).toEqual([1, expect.stringMatching(/wrong\.yml:5 .*\n.*wrong\.yml:6 .*\n.*wrong\.yml:7 /)]);
    expect(good).toEqual({ code: 0, stdout: 'good.yml: fine\n', stderr: '' });
  });

  it('rules lists and lints what is in force', async () => {
    writeFileSync(
      path('everything.yml'),
      'title: No query\nid: 71516a82-5a46-417b-b754-ea4831501e92\nlogsource: {category: webserver}\n' +
        'detection: {query: {url.query|exists: true}, condition: not query}\nlevel: low\n',
    );
    const [list, lint, costly] = await Promise.all([
      run('rules', 'list', ...own),
      run('rules', 'lint'),
      run('rules', 'lint', '--no-shipped', '--rules', path('everything.yml')),
    ]);
    expect(list.stdout).toMatch(/^high +Many refused logins\n +many_refused_logins, asks for 10 in 5m\n/);
    expect([lint.code, lint.stderr]).toEqual([0, '']);
    expect(lint.stdout).toMatch(
      /^\d+ rules that give signals, .*: fine\n\d+ of the detections are looked at only when .*, 0 for every event\n$/,
    );
    expect([costly.code, costly.stderr]).toEqual([0, expect.stringMatching(/^\S+everything\.yml:1 {2}every event is tested: .*\n$/)]);
    expect(costly.stdout).toMatch(/: 1 warning\n/);
  });

  it('routes learn proposes templates for slugs', async () => {
    const word = (n: number): string => String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26));
    const lines = Array.from({ length: 80 }, (_, n) =>
      accessLine(Date.UTC(2026, 0, 15) + n * 1000, { request: `GET /articles/${word(n)}-${word(n)}` }),
    );
    writeFileSync(path('articles.log'), lines.join(''));
    const [found, none, bad] = await Promise.all([
      run('routes', 'learn', 'articles.log'),
      run('routes', 'learn', '--least', '100', 'articles.log'),
      run('routes', 'learn', '--least', 'many', 'articles.log'),
    ]);
    expect(found.stdout).toMatch(
      /^# Found in 80 answered calls.*\ningest:\n {2}routes:\n {4}templates:\n {6}- '\/articles\/\{slug\}' # 80 calls, 80 different: aa-aa, /,
    );
    expect(none.stdout).toMatch(/^# No slugs found/);
    expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining('--least: "many" is no whole number from 2')]);
  });

  it('doctor says what is odd and what is bad', async () => {
    const [fine, bad] = await Promise.all([run('doctor', '--data', 'data'), run('doctor', '--data', 'no/such/parent')]);
    expect(fine).toMatchObject({ code: 0, stderr: '' });
    expect(fine.stdout).toMatch(/^ok {3}\d+ rules give signals\n/);
    expect(fine.stdout).toContain('odd  nobody is told');
    expect(bad).toMatchObject({ code: 78, stdout: expect.stringMatching(/bad {2}data directory .*parent folder is not there/) });
  });

  it('keys needs a data directory that was started once', async () => {
    const { code, stdout, stderr } = await run('keys', 'list', '--data', 'data');
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining('data has no keys yet')]);
  });
});
