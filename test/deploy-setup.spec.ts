import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from './files.js';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

/** A server that answers with the given status and text in turn, the last for good. */
async function server(...answers: readonly (readonly [number, string])[]): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const listening = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const [status, text] = answers[Math.min(asked.length, answers.length - 1)]!;
      asked.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      response.writeHead(status, { connection: 'close' }).end(text);
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  ends.push(() => listening.close());
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, asked };
}

function run(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ status: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`deploy/${script}`, ...args], { cwd: root, env: { ...env, PATH: process.env['PATH'] } });
    let out = '';
    let err = '';
    child.stdout.on('data', (part: Buffer) => (out += part.toString()));
    child.stderr.on('data', (part: Buffer) => (err += part.toString()));
    child.on('close', (status) => resolve({ status, out, err }));
  });
}

const passwords = {
  ELASTIC_PASSWORD: 'elastic-one',
  KIBANA_PASSWORD: 'kibana-two',
  GATEWATCH_PASSWORD: 'gatewatch-three',
  GATEWATCH_QUERY_PASSWORD: 'reader-four',
  SETUP_PAUSE_MILLIS: '10',
};

describe('setting up Elasticsearch', () => {
  it('sets the password of Kibana and makes users with the rights that the adapter asks for', async () => {
    const { url, asked } = await server([200, '{}']);
    const { status, err } = await run('setup.mjs', ['elasticsearch'], { ...passwords, ELASTICSEARCH_URL: url });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(asked.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
      'POST /_security/user/kibana_system/_password',
      'PUT /_security/role/gatewatch',
      'PUT /_security/user/gatewatch',
      'PUT /_security/role/gatewatch_query',
      'PUT /_security/user/gatewatch_query',
    ]);
    for (const { headers } of asked) expect(headers.authorization).toBe(`Basic ${Buffer.from('elastic:elastic-one').toString('base64')}`);
    expect(asked[0]!.body).toBe('{"password":"kibana-two"}');
    const manual = readFileSync(`${root}libs/elastic/README.md`, 'utf8');
    for (const [at, section] of [
      [1, 'Rights'],
      [3, 'Rights of a reader'],
    ] as const) {
      const rights = new RegExp(`## ${section}\\n([\\s\\S]*?)\\n## `).exec(manual)![1]!;
      const { cluster, indices } = JSON.parse(asked[at]!.body) as {
        cluster: string[];
        indices: { names: string[]; privileges: string[] }[];
      };
      const named = [...rights.matchAll(/`([^`]+)`/g)].map(([, name]) => name!).filter((name) => name !== 'monitor');
      expect(
        new Set([...cluster.filter((right) => right !== 'monitor'), ...indices.flatMap((one) => [...one.names, ...one.privileges])]),
      ).toEqual(new Set(named));
    }
    expect(JSON.parse(asked[2]!.body)).toEqual({ password: 'gatewatch-three', roles: ['gatewatch'], full_name: 'Gatewatch' });
    expect(JSON.parse(asked[4]!.body)).toMatchObject({ password: 'reader-four', roles: ['gatewatch_query'] });
  });

  it('waits for a cluster that is not ready', async () => {
    const { url, asked } = await server([503, 'starting'], [429, 'busy'], [200, '{}']);
    expect(await run('setup.mjs', ['elasticsearch'], { ...passwords, ELASTICSEARCH_URL: url })).toMatchObject({ status: 0 });
    expect(asked).toHaveLength(7);
  });

  it('says at once what waiting would not change, without the password', async () => {
    const { url, asked } = await server([401, 'unable to authenticate']);
    const { status, err, out } = await run('setup.mjs', ['elasticsearch'], { ...passwords, ELASTICSEARCH_URL: url });
    expect({ status, out, err, asked: asked.length }).toEqual({
      status: 1,
      out: '',
      err: '/_security/user/kibana_system/_password answers 401: unable to authenticate\n',
      asked: 1,
    });
  });

  it('gives up after a while', async () => {
    const env = { ...passwords, SETUP_PATIENCE_SECONDS: '0', ELASTICSEARCH_URL: 'http://127.0.0.1:1' };
    expect(await run('setup.mjs', ['elasticsearch'], env)).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^http:\/\/127.0.0.1:1 does not answer: /),
    });
  });

  it('names a variable that is missing, and the steps there are', async () => {
    expect(await run('setup.mjs', ['elasticsearch'])).toMatchObject({ status: 1, err: 'ELASTICSEARCH_URL is not set.\n' });
    expect(await run('setup.mjs', [])).toMatchObject({ status: 1, err: 'Say what to set up: elasticsearch or kibana.\n' });
  });
});

describe('setting up Kibana', () => {
  it('imports the saved objects as they are in the package', async () => {
    const { url, asked } = await server([200, '{"success":true,"successCount":12}']);
    expect(await run('setup.mjs', ['kibana'], { ...passwords, KIBANA_URL: url })).toMatchObject({
      status: 0,
      out: 'Kibana has 12 objects of Gatewatch.\n',
    });
    expect(asked[0]).toMatchObject({ method: 'POST', url: '/api/saved_objects/_import?overwrite=true' });
    expect(asked[0]!.headers['kbn-xsrf']).toBeDefined();
    expect(asked[0]!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(asked[0]!.body).toContain('filename="gatewatch.ndjson"');
    expect(asked[0]!.body).toContain(readFileSync(`${root}docs/kibana/gatewatch.ndjson`, 'utf8').trim().split('\n').at(-1));
  });

  it('fails when Kibana does not take an object', async () => {
    const { url } = await server([200, '{"success":false,"successCount":1,"errors":[{"id":"a"}]}']);
    expect(await run('setup.mjs', ['kibana'], { ...passwords, KIBANA_URL: url })).toMatchObject({
      status: 1,
      err: expect.stringContaining('[{"id":"a"}]'),
    });
  });
});

describe('the health check of a container', () => {
  it('is well when the address answers well, named by argument or environment', async () => {
    const { url, asked } = await server([200, '{"status":"ok"}']);
    expect(await run('health.mjs', [`${url}/health/ready`])).toEqual({ status: 0, out: '', err: '' });
    expect(await run('health.mjs', [], { GATEWATCH_HEALTH_URL: `${url}/health/live` })).toEqual({ status: 0, out: '', err: '' });
    expect(asked.map(({ url: path }) => path)).toEqual(['/health/ready', '/health/live']);
  });

  it('says why not', async () => {
    const { url } = await server([503, '{"failing":["pipeline"]}']);
    expect(await run('health.mjs', [url])).toEqual({ status: 1, out: '', err: `${url} answers 503: {"failing":["pipeline"]}\n` });
    expect(await run('health.mjs', ['http://127.0.0.1:1/'])).toMatchObject({ status: 1, err: expect.stringContaining('does not answer') });
  });
});
