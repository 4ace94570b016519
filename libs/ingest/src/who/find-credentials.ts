import type { JsonObject, JsonValue } from '#ecs';
import { sameHeader } from '../http/seen-headers.js';
import type { LogEvent } from '../log-event.js';
import { credentialKind, credentialLike } from './credential-name.js';
import type { CredentialKind } from './keyed-hash.js';

/** The credentials that a call showed: the first of each kind, as they were logged. */
export interface Credentials {
  token?: string;
  session?: string;
  api_key?: string;
  /** User of HTTP's basic authentication. */
  basicUser?: string;
  /** Scheme of the Authorization header in lower case. */
  scheme?: string;
}

const mostKeys = 300;
const deepest = 6;

/** Looks for credentials where the parser saw any: noted headers, the raw target, the JSON object. */
export function findCredentials({ headers, target, record }: LogEvent): Credentials {
  const found: Credentials = {};
  if (headers) for (const name of Object.keys(headers)) takeField(found, name, headers[name]!);
  if (target !== undefined) takeTarget(found, target);
  if (record !== undefined) new RecordWalk(found).object(record, 0);
  return found;
}

/** `?access_token=…&api_key=…` and `;jsessionid=…` of the path. */
function takeTarget(found: Credentials, target: string): void {
  const text = target.length > 16_384 ? target.slice(0, 16_384) : target;
  for (const part of text.split(/[?&;#]/, 300)) {
    const equals = part.indexOf('=');
    if (equals > 0) take(found, credentialKind(part.slice(0, equals)), part.slice(equals + 1));
  }
}

function takeField(found: Credentials, name: string, value: string): void {
  if (sameHeader(name, 'authorization')) takeAuthorization(found, value);
  else if (sameHeader(name, 'cookie')) takeCookies(found, value);
  else take(found, credentialKind(shortName(name)), value);
}

/** `http_x_api_key`, `request_headers.x-api-key`: what gateways put before a header's name. */
function shortName(name: string): string {
  return name.replace(/^(?:(?:http|request|req|headers?)[._-])+/i, '');
}

function takeAuthorization(found: Credentials, value: string): void {
  const [, scheme = '', rest = ''] = /^([A-Za-z][\w-]{0,31})[ +]+(\S.*)$/.exec(value.slice(0, 16_384)) ?? [];
  if (scheme !== '') found.scheme ??= scheme.toLowerCase();
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'token':
      return take(found, 'token', rest);
    case 'apikey':
    case 'api-key':
      return take(found, 'api_key', rest);
    case 'basic': {
      const user = Buffer.from(rest, 'base64').toString('utf8').split(':', 1)[0]!;
      // eslint-disable-next-line no-control-regex
      if (user !== '' && user.length <= 256 && !/[\u0000-\u001f\ufffd]/.test(user)) found.basicUser ??= user;
      return;
    }
    case 'digest': {
      const user = /\busername="([^"]{1,256})"/.exec(rest)?.[1];
      if (user !== undefined) found.basicUser ??= user;
      return;
    }
    case '':
      // Some write the token alone.
      return take(found, 'token', value);
    default:
  }
}

function takeCookies(found: Credentials, value: string): void {
  for (const part of value.split(/;\s*/, 100)) {
    const equals = part.indexOf('=');
    if (equals <= 0) continue;
    const name = part.slice(0, equals).replace(/^__(?:Host|Secure)-/, '');
    const kind = credentialKind(name) ?? (/sess(?:ion)?(?:[_.-]?(?:id|key))?$|\.sid$/i.test(name.slice(0, 64)) ? 'session' : undefined);
    take(found, kind, part.slice(equals + 1));
  }
}

function take(found: Credentials, kind: CredentialKind | undefined, value: string): void {
  if (kind !== undefined && found[kind] === undefined && credentialLike(value)) found[kind] = value;
}

/** What the answer holds was not shown by the caller. */
const notShown = /^(?:.*[._-])?(?:response|resp|res|upstream|body)$/i;

/** One bounded pass over a JSON object. */
class RecordWalk {
  private keys = 0;

  constructor(private readonly found: Credentials) {}

  object(tree: JsonObject, depth: number): void {
    for (const key of Object.keys(tree)) {
      if (++this.keys > mostKeys) return;
      this.value(key, tree[key]!, depth);
    }
  }

  private value(key: string, value: JsonValue, depth: number): void {
    if (typeof value === 'string') {
      if (value.length >= 6) this.text(key, value);
    } else if (Array.isArray(value)) {
      if (typeof value[0] === 'string') this.text(key, value[0]);
      else if (depth < deepest) this.pairs(value);
    } else if (value !== null && typeof value === 'object' && depth < deepest && !notShown.test(key)) this.object(value, depth + 1);
  }

  private text(key: string, value: string): void {
    if (value.includes('=') && value.includes('/') && (value.charCodeAt(0) === 47 || value.startsWith('http')))
      takeTarget(this.found, value);
    else takeField(this.found, key, value);
  }

  /** Headers as a list of names and values. */
  private pairs(list: readonly JsonValue[]): void {
    for (const pair of list.slice(0, 100)) {
      if (typeof pair !== 'object' || pair === null || Array.isArray(pair)) continue;
      const name = pair['name'] ?? pair['key'];
      const value = pair['value'];
      if (typeof name === 'string' && typeof value === 'string') takeField(this.found, name, value);
    }
  }
}
