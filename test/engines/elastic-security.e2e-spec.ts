import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '#testkit';
import { elasticsearchOrSkip } from '../../tools/engines/ready.js';
import { counted, openTestEngine, removeNamespace, stretchOf } from './elastic-engine.js';

// The node at hand has no security module, so a server before it speaks TLS and checks the Authorization header: this shows our side of it, on a real cluster behind.
const elasticsearch = await elasticsearchOrSkip();
const url = elasticsearch?.url ?? '';
const dir = mkdtempSync(join(tmpdir(), 'gatewatch-elastic-security-'));
const authority = join(dir, 'ca.pem');
const fingerprint = new X509Certificate(selfSigned.cert).fingerprint256;
const key = 'a2V5LWlkOnRoZS1zZWNyZXQ=';
const basic = `Basic ${Buffer.from('gatewatch:the password').toString('base64')}`;
let proxy: Server;
let secure = '';

beforeAll(async () => {
  writeFileSync(authority, selfSigned.cert);
  proxy = createServer({ cert: selfSigned.cert, key: selfSigned.key }, (request, response) => {
    if (request.headers.authorization !== `ApiKey ${key}` && request.headers.authorization !== basic) {
      response.writeHead(401, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
      response.end(JSON.stringify({ error: { type: 'security_exception', reason: 'unable to authenticate' }, status: 401 }));
      return;
    }
    const forwarded = httpRequest(url + (request.url ?? ''), { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  secure = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => {
    proxy.close(resolve);
    proxy.closeAllConnections();
  });
  rmSync(dir, { recursive: true, force: true });
  await elasticsearch?.stop();
});

const letter = {
  id: 'letter-0',
  source: 'edge',
  offset: 0,
  arrival: Date.now(),
  reason: 'invalid_json',
  message: 'expected JSON',
  raw: Buffer.from('x'),
};
const tls = { ca_file: authority };

describe.skipIf(!elasticsearch)('Elasticsearch behind TLS and a login', () => {
  it.each([
    ['an API key, and the authority as a file', () => ({ nodes: [secure], api_key: key, tls })],
    ['a user, and the authority as a file', () => ({ nodes: [secure], username: 'gatewatch', password: 'the password', tls })],
    ['the fingerprint of the authority', () => ({ nodes: [secure], api_key: key, tls: { ca_fingerprint: fingerprint, verify: false } })],
    [
      'a cloud id',
      () => {
        // A cloud id holds a domain and the first label of the cluster below it.
        const [first = '', ...rest] = new URL(secure).host.split('.');
        const id = Buffer.from(`${rest.join('.')}$${first}$kibana`).toString('base64');
        return { nodes: undefined, cloud_id: `test:${id}`, api_key: key, tls };
      },
    ],
  ])('is set up and written to with %s', async (_, over) => {
    const engine = await openTestEngine(secure, over());
    const sink = await engine.events({ name: 'events-0' });
    await sink.append(stretchOf(0, [], [letter as never]));
    expect(await counted(url, engine)).toEqual({ events: 0, deadLetters: 1 });
    await removeNamespace(url, engine);
    await engine.close();
  });

  it.each([
    ['a wrong key', 'elastic_refused', () => ({ api_key: 'd3Jvbmc6a2V5', tls })],
    ['a certificate that nobody known has signed', 'elastic_unreachable', () => ({ api_key: key })],
    ['another fingerprint', 'elastic_unreachable', () => ({ api_key: key, tls: { ca_fingerprint: 'ab'.repeat(32), verify: false } })],
  ])('is not used with %s, and the error says why and no secret', async (_, code, over) => {
    const error = await openTestEngine(secure, { nodes: [secure], ...over() }).then(
      async (engine) => engine.events({ name: 'events-0' }),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code });
    expect(String(error)).toMatch(/401|certificate|fingerprint/);
    expect(String(error)).not.toMatch(/d3Jvbmc6a2V5|a2V5LWlk/);
  });
});
