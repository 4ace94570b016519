import { redactCards } from './cards.js';
import { redactPaths, type Redaction } from './redaction.js';

/** What stands where a secret stood. */
export const redacted = '<redacted>';

// Names whose value is a secret whatever it looks like, and names that are also used for harmless things: there only a value that looks like a
// secret is taken, since an attack in `key=` must stay visible to the rules.
const certain =
  /^(?:.*[_.-])?(?:passwd|password|passwort|passphrase|pwd|pass|secret|client_?secret|token|access_?token|refresh_?token|id_?token|auth_?token|csrf_?token|api_?key|apikey|api_?secret|jwt|private_?key|authorization|credentials?|sessionid|session_?id|phpsessid|jsessionid|otp)$/;
const likely = /^(?:.*[_.-])?(?:key|auth|session|sid|sig|signature|code|state|nonce|assertion|samlresponse|ticket)$/;
const secretLike = /^(?=[^]{6,})(?!.*\.\.)(?:[\w.~+/=-]|%2[bBfF]|%3[dD])*$/;
const hint = /pass|pwd|secret|token|key|jwt|auth|cred|sess|sid|sig|code|state|nonce|assertion|saml|ticket|otp/i;

/** Whether a parameter or field of this name and value is to be hidden. Names are compared without case; `user[password]` counts as `password`. */
export function isSecret(name: string, value: string, own?: Redaction): boolean {
  if (name.length > 256) return false;
  if (own !== undefined) {
    const judged = own.judge(name) ?? own.judge(bracketed(name));
    if (judged !== undefined) return judged && value !== '';
  }
  if (!hint.test(name)) return false;
  const plain = lastPart(name).toLowerCase();
  // sudo's PWD is a directory.
  if (plain === 'pwd' && value.startsWith('/')) return false;
  return certain.test(plain) || (likely.test(plain) && value.length <= 8192 && secretLike.test(value));
}

/** `user[password]`, also percent-encoded, is `password`; `accessToken` is `access_token`. */
function lastPart(name: string): string {
  return bracketed(name).replace(/([a-z])([A-Z])/g, '$1_$2');
}

function bracketed(name: string): string {
  const open = name.replace(/%5b/gi, '[').replace(/%5d/gi, ']').replace(/\]+$/, '');
  return open.slice(open.lastIndexOf('[') + 1);
}

/** A request target or address with the secrets in its query, its user part and its JWTs replaced. */
export function redactUrl(url: string, own?: Redaction): string {
  const mark = url.indexOf('?');
  let text = url;
  if (mark >= 0 && url.indexOf('=', mark) >= 0 && (own !== undefined || hint.test(url)))
    text = url.slice(0, mark + 1) + redactParameters(url.slice(mark + 1), own);
  if (text.length > 24 && text.includes('eyJ')) text = redactJwts(text);
  if (text.charCodeAt(0) !== 47 && text.includes('@')) text = text.replace(userInfo, `$1${redacted}@`);
  return redactOwn(text, own);
}

function redactOwn(text: string, own: Redaction | undefined): string {
  const plain = own === undefined || own.paths.length === 0 ? text : redactPaths(text, own.paths, redacted);
  return own?.cards === false ? plain : redactCards(plain, redacted);
}

/** `a=b&c=d` with the values of secret names replaced; order and everything else stay as they were. One pass, whatever the text. */
export function redactParameters(query: string, own?: Redaction): string {
  let out = '';
  let kept = 0;
  for (let equals = query.indexOf('='); equals >= 0; equals = query.indexOf('=', equals + 1)) {
    let name = equals;
    while (name > kept && equals - name <= 256 && !endsParameter(query.charCodeAt(name - 1))) name--;
    let end = equals + 1;
    while (end < query.length && !endsValue(query.charCodeAt(end))) end++;
    if (end > equals + 1 && isSecret(query.slice(name, equals), query.slice(equals + 1, end), own)) {
      out += query.slice(kept, equals + 1) + redacted;
      kept = end;
    }
    equals = Math.max(equals, end - 1);
  }
  return kept === 0 ? query : out + query.slice(kept);
}

/** `& ; = ? # "`, a comma, and blanks. */
function endsParameter(code: number): boolean {
  return code <= 32 || code === 38 || code === 59 || code === 61 || code === 63 || code === 35 || code === 34 || code === 44;
}

function endsValue(code: number): boolean {
  return code <= 32 || code === 38 || code === 59 || code === 35 || code === 34;
}

/** Replaces header, payload and signature of RFC 7519 in base64url; the header's first character is always "{". One pass. */
function redactJwts(text: string): string {
  let out = '';
  let kept = 0;
  for (let at = text.indexOf('eyJ'); at >= 0;) {
    const header = tokenEnd(text, at);
    let end = header;
    if (header - at > 10 && text.charCodeAt(header) === 46) end = tokenEnd(text, header + 1);
    if (end > header + 1) {
      if (text.charCodeAt(end) === 46) end = tokenEnd(text, end + 1);
      out += text.slice(kept, at) + redacted;
      kept = end;
    }
    at = text.indexOf('eyJ', end);
  }
  return kept === 0 ? text : out + text.slice(kept);
}

function tokenEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const token = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 45 || code === 95;
    if (!token) break;
  }
  return at;
}

const userInfo = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#\s@]{1,512}@/i;
const schemes = /\b(bearer|basic|apikey|token)(\s+|%20|: *)([\w.~+/=-]{8,})/gi;
// Searches for plain text cost a tenth of one for an expression without regard to case; odd capitals are nobody's.
const schemeMarks = ['earer', 'EARER', 'asic', 'ASIC', 'oken', 'OKEN', 'pikey', 'piKey', 'PIKEY'];
const anyUserInfo = /(:\/\/)[^/?#\s@"]{1,512}@/g;
const quotedPair = /("(?:[^"\\]{1,64})"\s*:\s*)"((?:[^"\\]|\\.)*)"/g;

/** Any text of a log (a whole line, a message) with parameters, bearer and basic credentials, JWTs and JSON values of secret names replaced. */
export function redactText(text: string, own?: Redaction): string {
  let out = text;
  if (out.includes('=')) out = redactParameters(out, own);
  if (out.includes('eyJ')) out = redactJwts(out);
  if (out.includes('@') && out.includes('://')) out = out.replace(anyUserInfo, `$1${redacted}@`);
  if (schemeMarks.some((mark) => out.includes(mark))) out = out.replace(schemes, `$1$2${redacted}`);
  if ((out.includes('":') || out.includes('" :')) && (own !== undefined || hint.test(out)))
    out = out.replace(quotedPair, (whole: string, before: string, value: string) => redactPair(whole, { before, value, own }));
  return redactOwn(out, own);
}

function redactPair(whole: string, { before, value, own }: { before: string; value: string; own: Redaction | undefined }): string {
  const name = before.slice(1, before.indexOf('"', 1));
  return value !== '' && isSecret(name, value, own) ? `${before}"${redacted}"` : whole;
}
