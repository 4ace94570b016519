import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface TokenService {
  readonly tokenUrl: string;
  /** Where brokers read the key that tokens are signed with (RFC 7517). */
  readonly keysUrl: string;
  /** Tokens that were given so far. */
  given(): number;
  close(): Promise<void>;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Gives signed tokens (RFC 7519, RS256) to one client that names itself by basic authentication, as identity providers do. The subject is the client, the audience the scope. */
export async function startTokenService(client: string, secret: string): Promise<TokenService> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };
  const token = (scope: string): string => {
    const now = Math.floor(Date.now() / 1000);
    const signed = `${encoded({ alg: 'RS256', kid: 'one' })}.${encoded({ sub: client, iss: 'test', aud: scope, iat: now, exp: now + 300, scope })}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  };
  // Both are encoded as in a form before they are joined (RFC 6749, 2.3.1).
  const isKnown = (header = ''): boolean => {
    const [id, word] = Buffer.from(header.replace('Basic ', ''), 'base64').toString().split(':');
    return [id, word].map((part) => decodeURIComponent((part ?? '').replaceAll('+', ' '))).join('\n') === `${client}\n${secret}`;
  };
  let given = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const scope = new URLSearchParams(body).get('scope') ?? '';
    const isKeys = request.url === '/keys';
    const known = isKnown(request.headers.authorization);
    if (!isKeys && known) given++;
    response.writeHead(isKeys || known ? 200 : 401, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(isKeys ? { keys: [key] } : known ? { access_token: token(scope), expires_in: 300 } : { error: 'invalid_client' }),
    );
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    tokenUrl: `${url}/token`,
    keysUrl: `${url}/keys`,
    given: () => given,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
