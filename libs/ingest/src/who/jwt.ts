/** Claims of a token that tell who called (RFC 7519, RFC 8176 and what providers add). Nobody checked the signature here: the server that answered has. */
export interface Claims {
  readonly subject: string | undefined;
  /** What the user calls himself, and his address. */
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly tenant: string | undefined;
  readonly roles: readonly string[] | undefined;
  /** Whether more than one factor was used, where `amr` or `acr` tells. */
  readonly mfa: boolean | undefined;
  /** In milliseconds. */
  readonly expires: number | undefined;
  /** The header's `alg` is `none`: the token is not signed at all. */
  readonly unsigned: boolean;
}

const longest = 8192;

/** Reads a JWT in compact form; `undefined` for anything else, encrypted ones included. */
export function readJwt(text: string): Claims | undefined {
  if (text.length > longest || !text.startsWith('eyJ')) return undefined;
  const parts = text.split('.', 4);
  if (parts.length < 2 || parts.length > 3) return undefined;
  const header = jsonPart(parts[0]!);
  const claims = jsonPart(parts[1]!);
  if (!header || !claims) return undefined;
  const algorithm = header['alg'];
  return {
    subject: word(claims, 'sub'),
    name: word(claims, 'preferred_username', 'username', 'cognito:username', 'upn', 'unique_name'),
    email: emailOf(claims),
    tenant: word(claims, 'tenant', 'tenant_id', 'tid', 'org_id', 'organization_id', 'custom:tenant_id'),
    roles: rolesOf(claims),
    mfa: mfaOf(claims),
    expires: typeof claims['exp'] === 'number' && claims['exp'] > 0 && claims['exp'] < 1e12 ? claims['exp'] * 1000 : undefined,
    unsigned: typeof algorithm === 'string' && algorithm.toLowerCase() === 'none',
  };
}

type Part = Readonly<Record<string, unknown>>;

function jsonPart(text: string): Part | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Part) : undefined;
  } catch {
    // Anybody can write "eyJ".
    return undefined;
  }
}

function word(claims: Part, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = claims[name];
    if (typeof value === 'string' && value !== '' && value.length <= 256) return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}

/** Not one that its provider says is not the user's. */
function emailOf(claims: Part): string | undefined {
  const email = claims['email_verified'] === false ? undefined : word(claims, 'email');
  return email?.includes('@') ? email : undefined;
}

function rolesOf(claims: Part): string[] | undefined {
  const realm = claims['realm_access'];
  const nested = typeof realm === 'object' && realm !== null ? (realm as Part)['roles'] : undefined;
  const found = claims['roles'] ?? claims['role'] ?? claims['cognito:groups'] ?? claims['groups'] ?? nested;
  const list: unknown[] = Array.isArray(found) ? found : [found];
  const roles = list.filter((role): role is string => typeof role === 'string' && role !== '' && role.length <= 128).slice(0, 50);
  return roles.length ? roles : undefined;
}

const secondFactors = new Set(['mfa', 'otp', 'sms', 'swk', 'hwk', 'fpt', 'face', 'iris', 'sc', 'tel', 'rsa', 'ngcmfa', 'phr', 'phrh']);

function mfaOf(claims: Part): boolean | undefined {
  const methods = claims['amr'];
  if (!Array.isArray(methods)) return undefined;
  return methods.some((method) => typeof method === 'string' && secondFactors.has(method.toLowerCase()));
}
