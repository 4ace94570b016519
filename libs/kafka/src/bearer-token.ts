import type { Mechanism } from 'kafkajs';
import { ServiceError, type Secret } from '#telemetry';

export interface BearerSettings {
  readonly token_url: string;
  readonly client_id: string;
  readonly client_secret: Secret;
  readonly scope?: string | undefined;
}

const patience = 10_000;
const remedy =
  'They do not take the token: check `sasl.scope` of the Kafka settings, and on the brokers the audience, the issuer and the keys that they expect, and the clocks.';

/** A token by the client credentials grant (RFC 6749, section 4.4), the client named by HTTP basic authentication. */
async function bearerToken({ token_url: url, client_id: id, client_secret: secret, scope }: BearerSettings): Promise<{ value: string }> {
  const credentials = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret.reveal())}`).toString('base64');
  const { origin, pathname } = new URL(url);
  const service = `The token service ${origin}${pathname} (\`sasl.token_url\`)`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }).toString(),
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  }).catch((error: unknown) => {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
    throw new ServiceError('kafka_login', `${service} cannot be reached: ${reason}. Check its address, and that it is up.`, {
      cause: error,
    });
  });
  const body = answer.ok ? ((await answer.json()) as { access_token?: unknown }) : {};
  if (typeof body.access_token !== 'string' || body.access_token === '')
    throw new ServiceError(
      'kafka_login',
      `${service} answered ${answer.status} and gave no token for client "${id}": check client_id, client_secret and scope.`,
    );
  return { value: body.access_token };
}

/**
 * The login of RFC 7628. kafkajs's own takes the brokers' refusal, which is an ordinary answer there, for consent; then the connection ends without a reason, and it tries
 * for ever. Each login asks for a fresh token.
 */
export function bearerLogin(settings: BearerSettings): Mechanism {
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ saslAuthenticate }) => ({
      authenticate: async () => {
        const { value } = await bearerToken(settings);
        const refusal = await saslAuthenticate<string>({
          request: encoded(`n,,\u0001auth=Bearer ${value}\u0001\u0001`),
          // Nothing, or JSON that says what is wrong.
          response: { decode: (raw) => raw, parse: (raw) => raw.toString().replace(/^[^{]*/, '') },
        });
        if (!refusal) return;
        // The brokers wait for this before they end it: they then have it in their log.
        await saslAuthenticate({ request: encoded('\u0001') }).catch(() => undefined);
        throw new ServiceError('kafka_login', `The Kafka brokers refuse the login. ${remedy} They say: ${refusal}`);
      },
    }),
  };
}

function encoded(text: string): { encode: () => Buffer } {
  const bytes = Buffer.from(text);
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  return { encode: () => Buffer.concat([size, bytes]) };
}
