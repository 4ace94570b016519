import { canonicalIp } from '../../http/address.js';
import { readRoute } from '../../derived/route.js';

/** What one event's texts are searched for. */
export interface Hidden {
  /** The event's own users and addresses, by their pseudonyms. */
  readonly users: ReadonlyMap<string, string>;
  readonly addresses: ReadonlyMap<string, string>;
  /** The pseudonym of any other user, and of any other address; absent where these are not hidden. */
  readonly user: ((name: string) => string) | undefined;
  readonly address: ((ip: string) => string) | undefined;
}

// Bounded parts and one character between them: an attempt ends after a few hundred characters.
const mail = /[\p{L}\p{N}._+-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}/giu;
const address = /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?=[\da-f]*:)[\da-f:]{2,39}(?:\.\d{1,3}){0,3})(?![\w:]|\.\d)/gi;
const longest = 65_536;

/** A sentence, or a value of unknown meaning: users of the event where they stand as words, mail addresses, and addresses of all kinds. */
export function hideInText(text: string, hidden: Hidden): string {
  let out = text;
  if (hidden.user) {
    if (out.includes('@') || out.includes('%40')) out = out.replace(mail, (found) => hidden.user!(found.replace('%40', '@')));
    for (const [name, pseudonym] of hidden.users) if (name.length >= 3) out = replaceWord(out, name, pseudonym);
  }
  if (!hidden.address) return out;
  for (const [ip, pseudonym] of hidden.addresses) out = replaceWord(out, ip, pseudonym);
  return out.replace(address, (found) => (canonicalIp(found) === undefined ? found : hidden.address!(found)));
}

/** Replaces a name where no letter or digit goes on, without regard to case. Tokens that stand there already begin with a letter and are not touched twice. */
function replaceWord(text: string, name: string, by: string): string {
  const lower = text.toLowerCase();
  const wanted = name.toLowerCase();
  const same = lower.length === text.length && wanted.length === name.length;
  const within = same ? lower : text;
  const searched = same ? wanted : name;
  let out = '';
  let kept = 0;
  for (let at = within.indexOf(searched); at >= 0; at = within.indexOf(searched, at + searched.length)) {
    const end = at + searched.length;
    if (isWord(text, at - 1) || isWord(text, end)) continue;
    out += text.slice(kept, at) + by;
    kept = end;
  }
  return kept === 0 ? text : out + text.slice(kept);
}

const word = /[\p{L}\p{N}]/u;
function isWord(text: string, at: number): boolean {
  return at >= 0 && at < text.length && word.test(text[at]!);
}

const separators = /([/?&=;#,:]+|%2[fF]|%3[dDfFaA]|%26)/;
const parents =
  /^(?:users?|accounts?|members?|profiles?|customers?|people|persons?|patients?|employees?|contacts?|u|~|by-?(?:user|name|e?mail))$/i;
const parameters =
  /^(?:user|user_?name|user_?id|uid|login|login_?hint|e?mail|account|account_?id|member|customer|customer_?id|owner|author|as|sub|subject|j_username|log|upn)$/i;
/** What a name is made of, O'Brien's apostrophe included: anything else in a path or parameter may be an attack, and must be seen. */
const nameLike = /^(?:\p{L}{1,20}'(?=\p{L}))?[\p{L}\p{N}._@+ -]{1,128}$/u;
const manyDigits = /\d[^\d]*\d[^\d]*\d/;

/**
 * A path, query, target or address. The route and what an attacker wrote must stay for the rules, and who calls can choose his name: so a name is only
 * replaced where users stand (`/users/…`, `user=…`), or where it cannot be a word of a route: as a mail address or with three digits or more. At such a
 * place an id of somebody else is replaced as well, so that the same person is the same in both.
 */
export function hideInUrl(url: string, hidden: Hidden): string {
  if (url.length > longest) return hideInUrl(url.slice(0, longest), hidden);
  let text = url;
  for (const [ip, pseudonym] of hidden.addresses) if (ip.includes(':')) text = replaceWord(text, ip, pseudonym);
  const parts = text.split(separators);
  let lead = '';
  for (let i = 0; i < parts.length; i += 2) {
    const piece = parts[i]!;
    if (piece === '') continue;
    const plain = decoded(piece);
    parts[i] = hidden.addresses.get(plain) ?? (hidden.user ? userPiece(piece, { plain, lead, by: parts[i - 1] ?? '' }, hidden) : piece);
    lead = plain;
  }
  return parts.join('');
}

function userPiece(piece: string, { plain, lead, by }: { plain: string; lead: string; by: string }, { users, user }: Hidden): string {
  if (plain.includes('@')) {
    const replaced = plain.replace(mail, (found) => user!(found));
    if (replaced !== plain) return replaced;
  }
  if (!nameLike.test(plain)) return piece;
  const own = users.get(plain);
  const place = by.startsWith('=') || by.toLowerCase() === '%3d' ? parameters.test(lead) : parents.test(lead);
  if (place) return own ?? (readRoute(plain).template === '{id}' ? user!(plain) : piece);
  return own !== undefined && manyDigits.test(plain) && canonicalIp(plain) === undefined ? own : piece;
}

/** As a server reads it, and once more, as some do. */
function decoded(piece: string): string {
  let text = piece.replace(/\+/g, ' ');
  for (let times = 0; times < 2 && text.includes('%'); times++) {
    try {
      text = decodeURIComponent(text);
    } catch {
      return text;
    }
  }
  return text;
}
