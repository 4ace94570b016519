import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readClusterConfig } from '#cluster';
import { formatProblems, loadConfig } from '#config';
import { embeddedConfig } from '../apps/embedded/src/config.js';
import { queryProcessConfig } from '../apps/query/src/config.js';
import { composeFile, interpolated, type ComposeService } from './compose.js';
import { stagesOf } from './dockerfile.js';
import { root } from './files.js';

const text = (path: string): string => readFileSync(root + path, 'utf8');
const secrets = {
  ELASTIC_PASSWORD: 'one',
  KIBANA_PASSWORD: 'two',
  GATEWATCH_PASSWORD: 'three',
  GATEWATCH_QUERY_PASSWORD: 'six',
  KIBANA_ENCRYPTION_KEY: 'four',
  GATEWATCH_HASH_KEY: 'five',
};
const files = ['docker-compose.yml', 'docker-compose.embedded.yml'];
const read = (file: string) => composeFile.parse(parse(interpolated(text(file), secrets).text, { merge: true }));
const services = files.flatMap((file) =>
  Object.entries(read(file).services).map(([name, service]) => ({ at: `${file}: ${name}`, name, service, file })),
);
const words = (command: ComposeService['command']): readonly string[] =>
  typeof command === 'string' ? command.split(' ') : (command ?? []);

describe('the compose files', () => {
  it.each(files)('follow the Compose specification: %s', (file) => {
    expect(composeFile.safeParse(parse(interpolated(text(file), secrets).text, { merge: true })).error).toBeUndefined();
  });

  it('hold no password: each is asked for by name, and .env.example names it without a value', () => {
    const { required } = interpolated(text('docker-compose.yml'), secrets);
    const example = [...text('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
    expect(example.map(([name]) => name).sort()).toEqual([...required].sort());
    expect(example.every(([, value]) => value === '')).toBe(true);
    expect(() => interpolated(text('docker-compose.yml'), {})).toThrow('fill .env');
    expect(interpolated(text('docker-compose.embedded.yml'), {}).required).toEqual([]);
    expect(text('.gitignore').split('\n')).toContain('.env');
  });

  it('run the distributed mode: ingest, two detectors and alerting between Kafka and Elasticsearch, and query over the latter', () => {
    const { services: all } = read('docker-compose.yml');
    expect(Object.keys(all)).toEqual(
      expect.arrayContaining(['kafka', 'elasticsearch', 'kibana', 'mailpit', 'ingest', 'detector', 'alerting', 'query']),
    );
    expect(all['detector']?.deploy?.replicas).toBe(2);
    for (const name of ['ingest', 'detector', 'alerting']) {
      expect(words(all[name]!.command)[0]).toBe(name);
      expect(all[name]!.depends_on).toMatchObject({
        kafka: { condition: 'service_healthy' },
        elasticsearch: { condition: 'service_healthy' },
      });
    }
    // It knows no broker and none of the others' secrets.
    const query = all['query']!;
    expect(words(query.command)[0]).toBe('query');
    expect(Object.keys(query.depends_on!).sort()).toEqual(['elasticsearch', 'users']);
    expect(Object.keys(query.environment!).sort()).toEqual(['GATEWATCH_HEALTH_URL', 'GATEWATCH_QUERY_PASSWORD', 'NODE_OPTIONS']);
  });
});

describe.each(services)('$at', ({ service, file }) => {
  it('has an image of one version', () => {
    expect(service.image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+(-[\w.]+)?$/);
  });

  it('is not root, and can become nobody else', () => {
    expect(service.user).toMatch(/^[1-9]\d*(:\d+)?$/);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.cap_add).toBeUndefined();
    expect(service.security_opt).toContain('no-new-privileges:true');
  });

  it('is checked, or ends by itself and is waited for', () => {
    if (service.healthcheck && 'test' in service.healthcheck)
      return expect(service.healthcheck).toMatchObject({
        interval: expect.any(String),
        timeout: expect.any(String),
        retries: expect.any(Number),
        start_period: expect.any(String),
      });
    expect(service.healthcheck).toEqual({ disable: true });
    expect(service.restart).toMatch(/^on-failure/);
  });

  it('has bounds for processor, memory, processes and log', () => {
    expect(service.deploy?.resources?.limits).toEqual({ cpus: expect.any(String), memory: expect.any(String), pids: expect.any(Number) });
    expect(service.logging?.options).toMatchObject({ 'max-size': expect.any(String), 'max-file': expect.any(String) });
  });

  it('leaves room beside the heap', () => {
    const settings = Object.values(service.environment ?? {}).join(' ');
    const heap = /max-old-space-size=(\d+)|-Xmx(\d+)([mg])/.exec(settings);
    if (!heap) return;
    const heapMiB = heap[1] ? Number(heap[1]) : Number(heap[2]) * (heap[3] === 'g' ? 1024 : 1);
    const [, size, unit] = /^(\d+)([mg])$/.exec(service.deploy!.resources!.limits!.memory!)!;
    expect(heapMiB).toBeLessThanOrEqual(Number(size) * (unit === 'g' ? 1024 : 1) * 0.76);
  });

  it('is published for this machine only', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('mounts what is there', () => {
    for (const mount of service.volumes ?? []) {
      const [source, , mode] = mount.split(':');
      if (!source!.startsWith('.')) continue;
      expect(existsSync(root + source!.slice(2)), mount).toBe(true);
      expect(mode, mount).toBe('ro');
    }
  });

  it('has a root file system that cannot be written, if it is ours', () => {
    if (!service.image!.startsWith('gatewatch:')) return;
    expect(service.read_only).toBe(true);
    expect(text(file)).toContain('build: .');
    // No registry has our image: what is not built where it stands must not be asked for there.
    expect(service.build === '.' || service.pull_policy === 'never').toBe(true);
    expect(service.image).toBe(`gatewatch:${(JSON.parse(text('package.json')) as { version: string }).version}`);
  });
});

describe('the addresses that are asked for health', () => {
  it('exist, on the port that is configured', () => {
    const answered = text('libs/http/src/service.controller.ts');
    const asked = services.flatMap(({ service }) => [
      ...JSON.stringify(service).matchAll(/http:\/\/127\.0\.0\.1:(7770|9464)(\/health\/\w+)/g),
    ]);
    expect(asked.length).toBeGreaterThanOrEqual(4);
    for (const [, , path] of asked) expect(answered).toContain(`@Get('${path!.slice(1)}')`);
    for (const [file, port] of [
      ['deploy/gatewatch.yml', 9464],
      ['deploy/gatewatch.embedded.yml', 7770],
    ] as const)
      expect((parse(text(file)) as { http: unknown }).http).toMatchObject({ host: '0.0.0.0', port });
    expect((parse(text('deploy/gatewatch.query.yml')) as { query: unknown }).query).toMatchObject({ host: '0.0.0.0', port: 7770 });
    expect(stagesOf(text('Dockerfile')).at(-1)!.instructions).toContainEqual({ word: 'EXPOSE', rest: '7770 9464' });
  });
});

describe('the configurations', () => {
  it('of the embedded mode is one', () => {
    const result = loadConfig({ schema: embeddedConfig, file: `${root}deploy/gatewatch.embedded.yml`, env: {} });
    expect(result).toMatchObject({ ok: true, value: { data_dir: '/var/lib/gatewatch', http: { allow_public: true } } });
  });

  it('of the distributed mode is one, with topics that the set-up makes', () => {
    const result = readClusterConfig(`${root}deploy/gatewatch.yml`, secrets);
    if (!result.ok) throw new Error(formatProblems(result.problems));
    const { elasticsearch, alerting, sources } = result.value;
    expect(elasticsearch).toMatchObject({ username: 'gatewatch', namespace: 'default' });
    expect(alerting.receivers).toHaveLength(1);
    const topics = sources.flatMap((source) => source.topics);
    const made = words(read('docker-compose.yml').services['topics']!.command);
    for (const topic of topics) expect(made).toContain(topic);
  });

  it('of the reading process is one, and holds a user of its own', () => {
    const file = `${root}deploy/gatewatch.query.yml`;
    const result = loadConfig({ schema: queryProcessConfig, file, env: { GATEWATCH_QUERY_PASSWORD: 'six' } });
    expect(result).toMatchObject({ ok: true, value: { elasticsearch: { username: 'gatewatch_query' }, query: { allow_public: true } } });
  });
});

describe('the systemd unit', () => {
  const unit = new Map(
    text('deploy/systemd/gatewatch.service')
      .split('\n')
      .map((line) => [line.split('=')[0]!, line.slice(line.indexOf('=') + 1)]),
  );

  it('starts what is there, with options that it takes', () => {
    const [, script, command, ...options] = unit
      .get('ExecStart')!
      .replaceAll(/ --max-(?:old|semi)-space-size=\d+/g, '')
      .split(' ');
    expect(existsSync(root + script!.replace('/opt/gatewatch/', ''))).toBe(true);
    const taken = text(`apps/embedded/src/commands/${command}.ts`);
    for (const option of options.filter((each) => each.startsWith('--'))) expect(taken).toContain(`.option('${option} `);
  });

  it('is not root, is bounded, and does not begin again when the configuration is wrong', () => {
    expect(Object.fromEntries(unit)).toMatchObject({
      DynamicUser: 'yes',
      ProtectSystem: 'strict',
      CapabilityBoundingSet: '',
      MemoryMax: '2G',
      RestartPreventExitStatus: '78',
    });
    expect(text('apps/embedded/src/commands/io.ts')).toMatch(/badConfig: 78/);
  });
});

describe('the checks themselves', () => {
  const whole = { services: { a: { image: 'a:1' } } };
  const problems = (file: unknown): string =>
    composeFile
      .safeParse(file)
      .error?.issues.map(({ message }) => message)
      .join() ?? '';

  it('find what the specification does not know', () => {
    expect(problems(whole)).toBe('');
    expect(problems({ ...whole, 'x-own': 1 })).toBe('');
    expect(problems({ services: { a: { imagee: 'a' } } })).toContain('Unrecognized key');
    expect(problems({ services: { a: { image: 'a', ports: ['localhost:80:80'] } } })).toContain('expected [address:]port:port');
    expect(problems({ services: { a: { image: 'a', stop_grace_period: '30' } } })).toContain('expected a duration');
  });

  it('find what does not fit together', () => {
    expect(problems({ services: { a: { image: 'a', depends_on: { b: { condition: 'service_healthy' } } } } })).toContain('depends on b');
    const waits = (other: string) => ({ image: 'a', depends_on: { [other]: { condition: 'service_started' } } });
    expect(problems({ services: { a: waits('b'), b: waits('a') } })).toContain('wait for each other: a, b, a');
    expect(problems({ services: { a: { image: 'a', depends_on: { b: { condition: 'service_healthy' } } }, b: { image: 'b' } } })).toContain(
      'no check',
    );
    expect(problems({ services: { a: { image: 'a', volumes: ['v:/v'] } } })).toContain('no volume');
  });

  it('read variables as Compose does', () => {
    expect(interpolated('$$A ${B:-c} ${D:?no}', { D: 'd' })).toEqual({ text: '$A c d', required: ['D'] });
    expect(() => interpolated('${B}', {})).toThrow('B: has no value');
    expect(() => interpolated('5$', {})).toThrow('means nothing');
  });
});
