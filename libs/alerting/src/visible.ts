/**
 * Text from outside as one line that a person can safely read: controls (terminal escapes, line ends), bidirectional overrides, zero-width and other format
 * characters and lone surrogates are spelled out as `\x1b` and `\u202e`; piles of combining marks are cut; longer text ends in "…".
 * What a log line contains stays recognisable, and nothing in it acts. Escaping for HTML comes on top, where HTML is written.
 */
export function visible(text: string, limit: number): string {
  return cut(
    text
      .slice(0, limit * 2 + 1)
      .replace(acting, spelled)
      .replace(pile, '$1'),
    limit,
    text.length > limit * 2 + 1,
  );
}

/** As {@link visible}, but drops what acts instead of spelling it: for subjects, where every character counts. */
export function quiet(text: string, limit: number): string {
  const bounded = text.slice(0, limit * 4 + 1);
  return cut(bounded.replace(acting, ' ').replace(pile, '$1').replace(/ {2,}/g, ' ').trim(), limit, text.length > bounded.length);
}

/** Makes links in log lines harmless: mail programs turn whatever looks like an address into a link, and an attacker wrote this one. */
export function defanged(text: string): string {
  return text.replace(/\b(h)tt(ps?)(?=:\/\/)/gi, '$1xx$2').replace(/\bwww\./gi, 'www[.]');
}

const acting = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;
const pile = /(\p{M}{3})\p{M}+/gu;

function spelled(character: string): string {
  const code = character.codePointAt(0)!;
  if (code === 9) return '\\t';
  if (code === 10) return '\\n';
  if (code === 13) return '\\r';
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

function cut(text: string, limit: number, longer: boolean): string {
  if (text.length <= limit && !longer) return text;
  const kept = text.slice(0, limit - 1);
  // Half of a surrogate pair at the cut would be a broken character.
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
