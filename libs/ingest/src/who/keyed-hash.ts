import { createHmac, type KeyObject, createSecretKey } from 'node:crypto';
import { BoundedCache } from '../bounded-cache.js';

/** Names a secret without telling it. */
export type KeyedHash = (kind: CredentialKind, secret: string) => string;

export type CredentialKind = 'token' | 'session' | 'api_key';
const marks: Readonly<Record<CredentialKind, string>> = { token: 'tok_', session: 'ses_', api_key: 'key_' };

/**
 * The first 96 bits of HMAC-SHA-256 as 16 characters of base64url behind a mark of the kind: short enough to read, and two of a billion secrets
 * collide with a chance of one in ten billion. Without the key nobody can try guesses against it.
 */
export function keyedHash(key: string): KeyedHash {
  const secretKey: KeyObject = createSecretKey(Buffer.from(key, 'utf8'));
  const known = new BoundedCache<string>(4096);
  return (kind, secret) => {
    // Huge secrets would make huge keys of the cache.
    if (secret.length > 512) return digest(secretKey, kind, secret);
    const name = `${kind}:${secret}`;
    let made = known.get(name);
    if (made === undefined) known.set(name, (made = digest(secretKey, kind, secret)));
    return made;
  };
}

function digest(key: KeyObject, kind: CredentialKind, secret: string): string {
  return marks[kind] + createHmac('sha256', key).update(kind).update('\0').update(secret).digest('base64url').slice(0, 16);
}
