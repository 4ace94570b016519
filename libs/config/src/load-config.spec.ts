import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '#telemetry';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bytes, duration, formatProblems, httpUrl, ipOrCidr, loadConfig, port, secret, timeZone, type Environment } from './index.js';

const channel = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('email'),
    to: z.array(z.email()).min(1),
    smtp: z.strictObject({ host: z.string(), port: port().default(587), password: secret().optional() }),
  }),
  z.strictObject({ type: z.literal('webhook'), url: httpUrl(), secret: secret() }),
]);

const schema = z.strictObject({
  data: z.string().default('./data'),
  server: z.strictObject({ host: z.string().default('127.0.0.1'), port: port().default(8686), bodyLimit: bytes('10MiB') }).prefault({}),
  ingest: z
    .strictObject({
      maxSkew: duration('5m'),
      grace: duration('2m', { max: '1h' }),
      zone: timeZone().optional(),
      trusted: z.array(ipOrCidr()).default([]),
    })
    .prefault({}),
  sources: z
    .record(z.string().regex(/^[a-z]+$/), z.strictObject({ format: z.enum(['nginx', 'apache']), follow: z.boolean().default(true) }))
    .default({}),
  alerting: z
    .strictObject({ receivers: z.array(z.strictObject({ name: z.string().min(1), channels: z.array(channel).default([]) })).default([]) })
    .prefault({}),
});

const folder = mkdtempSync(join(tmpdir(), 'gatewatch-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string, env: Environment = {}) {
  return loadConfig({ schema, file: 'gatewatch.yml', text, env });
}

function problems(text: string, env?: Environment): string {
  const result = load(text, env);
  return result.ok ? '' : formatProblems(result.problems);
}

function value(text: string, env?: Environment) {
  const result = load(text, env);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.value;
}

describe('what is right', () => {
  it('gives the defaults for nothing at all', () => {
    expect(value('')).toEqual({
      data: './data',
      server: { host: '127.0.0.1', port: 8686, bodyLimit: 10_485_760 },
      ingest: { maxSkew: 300_000, grace: 120_000, trusted: [] },
      sources: {},
      alerting: { receivers: [] },
    });
  });

  it('reads durations, sizes, networks and zones', () => {
    const text =
      'server: {bodyLimit: 1.5GB}\ningest: {maxSkew: 1h30m, zone: Europe/Berlin, trusted: [10.0.0.0/8, "2001:db8::/32", 192.0.2.1]}';
    expect(value(text)).toMatchObject({
      server: { bodyLimit: 1.5e9 },
      ingest: { maxSkew: 5_400_000, trusted: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'] },
    });
  });

  it('is frozen to the bottom', () => {
    const config = value('ingest: {trusted: [10.0.0.1]}');
    expect(Object.isFrozen(config.ingest)).toBe(true);
    expect(Object.isFrozen(config.ingest.trusted)).toBe(true);
    expect(() => Object.assign(config.server, { port: 1 })).toThrow(TypeError);
  });

  it('follows aliases', () => {
    expect(value('data: &here /var/lib\nserver: {host: *here}').server.host).toBe('/var/lib');
  });
});

describe('all problems at once', () => {
  it('names place, path, expectation, value and remedy of each', () => {
    const text = [
      'data: 5',
      'server:',
      '  prt: 12',
      '  bodyLimit: 10',
      'ingest:',
      '  maxSkew: 5 minutes',
      '  grace: 2h',
      '  zone: Europe/Berln',
      '  trusted: 10.0.0.0/33',
      'sources:',
      '  Edge: { format: nginx }',
      '  edge: { format: ngnix, follow: "true" }',
      'alerting:',
      '  recievers: []',
      '  receivers:',
      '    - name: ""',
      '      channels:',
      '        - type: email',
      '          to: [nobody]',
      '          smtp:',
      '            port: twenty-five',
      '        - type: emial',
      '        - type: webhook',
      '          url: ftp://u:p@x/',
    ].join('\n');
    expect(problems(text)).toMatchInlineSnapshot(`
      "gatewatch.yml:1  data: expected a text, got 5; put it in quotes: "5"
      gatewatch.yml:3  server.prt: no such key; did you mean \`port\`?
      gatewatch.yml:4  server.bodyLimit: expected a size with a unit, got 10; write 512KiB, 10MiB or 2GB
      gatewatch.yml:6  ingest.maxSkew: expected a duration with a unit, got "5 minutes"; write 5m, 90s or 1h30m
      gatewatch.yml:7  ingest.grace: expected a duration of at most 1h, got "2h"
      gatewatch.yml:8  ingest.zone: expected a time zone, got "Europe/Berln"; write Europe/Berlin, UTC or +02:00
      gatewatch.yml:9  ingest.trusted: expected a list, got "10.0.0.0/33"; write it as a list: [ … ], or one entry a line after \`- \`
      gatewatch.yml:11  sources.Edge: not a valid key: expected a text that matches /^[a-z]+$/
      gatewatch.yml:12  sources.edge.format: expected one of "nginx", "apache", got "ngnix"; did you mean "nginx"?
      gatewatch.yml:12  sources.edge.follow: expected true or false, got "true"; remove the quotes
      gatewatch.yml:14  alerting.recievers: no such key; did you mean \`receivers\`?
      gatewatch.yml:16  alerting.receivers[0].name: expected a text of at least 1 character, got ""
      gatewatch.yml:19  alerting.receivers[0].channels[0].to[0]: expected an e-mail address, got "nobody"
      gatewatch.yml:20  alerting.receivers[0].channels[0].smtp.host: expected a text, but the key is missing
      gatewatch.yml:21  alerting.receivers[0].channels[0].smtp.port: expected an integer, got "twenty-five"; a port is a number from 1 to 65535
      gatewatch.yml:22  alerting.receivers[0].channels[1].type: expected one of "email", "webhook", got "emial"; did you mean "email"?
      gatewatch.yml:23  alerting.receivers[0].channels[2].secret: expected a text, but the key is missing
      gatewatch.yml:24  alerting.receivers[0].channels[2].url: expected an http or https URL, got "ftp://…@x/"; write https://example.org/path; user and password do not belong into it"
    `);
  });

  it('tells a missing value from a wrong one', () => {
    expect(problems('server: {port: }\nalerting: {receivers: [{}]}')).toMatchInlineSnapshot(`
      "gatewatch.yml:1  server.port: expected an integer, got nothing; a port is a number from 1 to 65535
      gatewatch.yml:2  alerting.receivers[0].name: expected a text, but the key is missing"
    `);
  });

  it('tells a number that is out of range', () => {
    expect(problems('server: {port: 70000}')).toMatchInlineSnapshot(
      `"gatewatch.yml:1  server.port: expected at most 65535, got 70000; a port is a number from 1 to 65535"`,
    );
  });

  it('never shows what stands where a secret belongs', () => {
    const text =
      'alerting: {receivers: [{name: a, channels: [{type: webhook, url: "https://x", secret: 12345}, {type: email, to: [a@b.cd], smtp: {host: h, password: ""}}]}]}';
    expect(problems(text)).toMatchInlineSnapshot(`
      "gatewatch.yml:1  alerting.receivers[0].channels[0].secret: expected a text, got a number (not shown); put it in quotes, or keep it out of the file with \`<key>_file\` or \${NAME}
      gatewatch.yml:1  alerting.receivers[0].channels[1].smtp.password: expected a text that is not empty, got a text (not shown)"
    `);
    expect(problems(text)).not.toContain('12345');
  });

  it('shows control characters of a value as text', () => {
    expect(problems('server: {port: "\\e[2J"}')).toMatchInlineSnapshot(
      `"gatewatch.yml:1  server.port: expected an integer, got "\\u001b[2J"; a port is a number from 1 to 65535"`,
    );
    expect(problems('"\\e[2J": 1')).not.toContain('\u001b');
  });
});

describe('YAML that is none', () => {
  it.each([
    ['a tab as indent', 'server:\n\tport: 1'],
    ['an open bracket', 'data: [1, 2'],
    ['two documents', 'data: a\n---\ndata: b'],
    ['a colon in a plain text', 'data: a: b'],
  ])('names the place of %s', (_, text) => {
    expect(problems(text)).toMatchSnapshot();
  });

  it('names both places of a key that is given twice', () => {
    expect(problems('server:\n  port: 1\n  host: a\n  port: 2')).toMatchInlineSnapshot(
      `"gatewatch.yml:4  server.port: given twice, the first time in line 2; remove one of them"`,
    );
  });

  it('stops at an alias bomb and at an anchor within itself', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefg'.split('').map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdef'[i]}`).join()}]`),
    ].join('\n');
    expect(
      problems(bomb)
        .split('\n')
        .filter((line) => line.includes('repeated too often')),
    ).toHaveLength(1);
    expect(problems('data: &a [*a]')).toContain('nested or repeated too often');
  });

  it.each(['- a', 'text', '__proto__: {x: 1}', '<<: {data: 1}', '? [a]\n: b', 'data: *nowhere'])('refuses %j', (text) => {
    expect(problems(text)).toMatchSnapshot();
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void load(text)));
    fc.assert(fc.property(fc.stringMatching(/^[-:{}[\]&*!|>'"%@`#,? \nab$]{0,60}$/), (text) => void load(text)));
  });
});

describe('the environment', () => {
  it('fills ${NAME} and ${NAME:-default} in texts', () => {
    const env = { HOST: '10.0.0.9', EMPTY: '' };
    expect(value('server: {host: "${HOST}"}', env).server.host).toBe('10.0.0.9');
    expect(value('data: /var/${NAME:-gatewatch}/x', env).data).toBe('/var/gatewatch/x');
    expect(value('data: a${EMPTY:-b}c', env).data).toBe('abc');
    expect(value('data: $${HOST} $host', env).data).toBe('${HOST} $host');
  });

  it('does not read a variable’s value as a template', () => {
    expect(value('data: ${A}', { A: '${B}', B: 'x' }).data).toBe('${B}');
  });

  it('names the place of a variable that is not set', () => {
    expect(problems('data: a\nserver:\n  host: ${NOWHERE}\n  port: x')).toMatchInlineSnapshot(`
      "gatewatch.yml:3  server.host: the environment variable NOWHERE is not set; set it, or give a default: \${NOWHERE:-value}
      gatewatch.yml:4  server.port: expected an integer, got "x"; a port is a number from 1 to 65535"
    `);
    expect(problems('data: ${a-b}')).toMatchInlineSnapshot(
      `"gatewatch.yml:1  data: expected \${NAME} or \${NAME:-default}, got "\${a-b}"; write $\${ for a literal \${"`,
    );
  });

  it('overrides single values, lists and entries of lists', () => {
    const env = {
      GATEWATCH__SERVER__PORT: '9000',
      GATEWATCH__INGEST__MAX_SKEW: '1m',
      GATEWATCH__INGEST__TRUSTED: '[10.0.0.1, 10.0.0.2]',
      GATEWATCH__SOURCES__EDGE__FOLLOW: 'false',
    };
    expect(value('server: {port: 1}\nsources: {edge: {format: nginx}}', env)).toMatchObject({
      server: { port: 9000 },
      ingest: { maxSkew: 60_000, trusted: ['10.0.0.1', '10.0.0.2'] },
      sources: { edge: { format: 'nginx', follow: false } },
    });
    expect(value('alerting: {receivers: [{name: a}]}', { GATEWATCH__ALERTING__RECEIVERS__1__NAME: 'b' }).alerting.receivers).toEqual([
      { name: 'a', channels: [] },
      { name: 'b', channels: [] },
    ]);
  });

  it('keeps text as text where text is asked for', () => {
    expect(value('', { GATEWATCH__DATA: '0123' }).data).toBe('0123');
  });

  it('says which variable is wrong', () => {
    expect(problems('', { GATEWATCH__SERVER__PORT: 'abc', GATEWATCH__SERVR__PORT: '1', GATEWATCH__ALERTING__RECEIVERS__7__NAME: 'x' }))
      .toMatchInlineSnapshot(`
      "environment:GATEWATCH__ALERTING__RECEIVERS__7__NAME  alerting.receivers.7: no such key
      environment:GATEWATCH__SERVR__PORT  servr: no such key; did you mean \`server\`?
      environment:GATEWATCH__SERVER__PORT  server.port: expected an integer, got "abc"; a port is a number from 1 to 65535"
    `);
  });
});

describe('secrets', () => {
  const webhook = (line: string): string =>
    `alerting:\n  receivers:\n    - name: a\n      channels:\n        - type: webhook\n          url: https://x\n          ${line}`;

  function write(name: string, text: string, mode = 0o600): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  function secretOf(result: ReturnType<typeof load>): unknown {
    if (!result.ok) throw new Error(formatProblems(result.problems));
    const [first] = result.value.alerting.receivers[0]!.channels;
    return first?.type === 'webhook' ? first.secret : undefined;
  }

  it('are read from a file, relative to the configuration, and trimmed', () => {
    write('hook', '  0123\n');
    const file = write('gatewatch.yml', webhook('secret_file: hook'));
    const found = secretOf(loadConfig({ schema, file, env: {} }));
    expect(found).toBeInstanceOf(Secret);
    expect((found as Secret).reveal()).toBe('0123');
    expect(JSON.stringify({ found })).toBe('{"found":"<secret>"}');
  });

  it('come from a variable, or from a file that a variable names', () => {
    expect((secretOf(load(webhook('secret: ${S}'), { S: '42' })) as Secret).reveal()).toBe('42');
    const path = write('other', 'abc');
    const env = { GATEWATCH__ALERTING__RECEIVERS__0__CHANNELS__0__SECRET_FILE: path };
    expect((secretOf(load(webhook(''), env)) as Secret).reveal()).toBe('abc');
  });

  it('warn when others can read them', () => {
    const path = write('open', 'abc', 0o644);
    const result = load(webhook(`secret_file: ${path}`));
    expect(result.ok && formatProblems(result.warnings).replace(path, 'open')).toMatchInlineSnapshot(
      `"gatewatch.yml:7  alerting.receivers[0].channels[0].secret_file: "open" can be read by every user of this machine; chmod 600"`,
    );
  });

  it('have a problem with a place when their file is not there, empty, or named beside the value', () => {
    const text = (line: string): string => problems(webhook(line)).replaceAll(folder, '');
    expect(text(`secret_file: ${folder}/none`)).toMatchInlineSnapshot(
      `"gatewatch.yml:7  alerting.receivers[0].channels[0].secret_file: "/none" cannot be read: there is no such file; the path is relative to the configuration file"`,
    );
    expect(text(`secret_file: ${write('empty', ' \n')}`)).toMatchInlineSnapshot(
      `"gatewatch.yml:7  alerting.receivers[0].channels[0].secret_file: "/empty" is empty"`,
    );
    expect(text(`secret: a\n          secret_file: b`)).toMatchInlineSnapshot(
      `"gatewatch.yml:8  alerting.receivers[0].channels[0].secret_file: \`secret\` and \`secret_file\` are both given; keep one of them"`,
    );
  });
});

describe('the file', () => {
  it('that is not there, or not UTF-8, is one problem', () => {
    const wrong = (file: string): string => {
      const result = loadConfig({ schema, file, env: {} });
      return result.ok ? '' : formatProblems(result.problems).replaceAll(folder, '');
    };
    writeFileSync(join(folder, 'latin'), Buffer.from([0x64, 0x3a, 0xe4]));
    expect(wrong(join(folder, 'none.yml'))).toMatchInlineSnapshot(`"/none.yml  cannot be read: there is no such file"`);
    expect(wrong(join(folder, 'latin'))).toMatchInlineSnapshot(`"/latin  not UTF-8 text; save the file as UTF-8"`);
    expect(wrong(folder)).toMatchInlineSnapshot(`"  cannot be read: it is a directory"`);
  });
});
