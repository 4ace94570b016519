import { ServiceError, type Secret } from '#telemetry';

export interface BearerSettings {
  readonly token_url: string;
  readonly client_id: string;
  readonly client_secret: Secret;
  readonly scope?: string | undefined;
}

const patience = 10_000;

/** A token by the client credentials grant (RFC 6749, section 4.4), the client named by HTTP basic authentication. kafkajs asks again at each login. */
export async function bearerToken({
  token_url: url,
  client_id: id,
  client_secret: secret,
  scope,
}: BearerSettings): Promise<{ value: string }> {
  const credentials = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret.reveal())}`).toString('base64');
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }).toString(),
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  });
  const body = answer.ok ? ((await answer.json()) as { access_token?: unknown }) : {};
  if (typeof body.access_token !== 'string' || body.access_token === '')
    throw new ServiceError(
      'kafka_login',
      `The token service answered ${answer.status} and gave no token; check token_url, client_id and client_secret.`,
    );
  return { value: body.access_token };
}
