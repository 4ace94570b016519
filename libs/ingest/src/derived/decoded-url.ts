const maxLength = 4096;

/**
 * What an attacker meant: path and query with `\xHH` (nginx's escapes), percent-escapes (twice, since filters are passed with `%2527`), `%uHHHH`
 * and overlong UTF-8 undone, `+` in the query as a blank, and letters of other widths and shapes (`＜`, `①`) as the plain ones that servers take them
 * for (NFKC). At most 4 KiB; nothing is refused, bytes that are no UTF-8 become Latin-1.
 */
export function decodedUrl(original: string): string {
  const text = original.length > maxLength ? original.slice(0, maxLength) : original;
  const plus = text.indexOf('+');
  const plain = text.indexOf('%') < 0 && text.indexOf('\\x') < 0;
  if (plain && plus < 0) return text;
  let out = plus < 0 ? text : blanks(text);
  if (plain) return out;
  out = unescapeBytes(out, 0x5c, 0x78);
  for (let round = 0; round < 2 && out.includes('%'); round++) out = unescapeBytes(out, 0x25, 0);
  return variants.test(out) ? out.normalize('NFKC').slice(0, maxLength) : out;
}

/** Blocks whose letters stand for plain ones: enclosed numbers and letters, full and half width. Others stay as they are written. */
const variants = /[\u2460-\u24ff\ufe50-\ufe6f\uff00-\uffef]/;

function blanks(text: string): string {
  const mark = text.indexOf('?');
  return mark < 0 ? text : text.slice(0, mark) + text.slice(mark).replaceAll('+', ' ');
}

/** Undoes escapes of one kind: `lead` alone (`%41`) or with a second character (`\x41`). */
function unescapeBytes(text: string, lead: number, second: number): string {
  const leadText = String.fromCharCode(lead);
  let at = text.indexOf(leadText);
  if (at < 0) return text;
  const width = second === 0 ? 1 : 2;
  let out = '';
  let kept = 0;
  while (at >= 0) {
    const bytes: number[] = [];
    let end = at;
    while (text.charCodeAt(end) === lead && (second === 0 || text.charCodeAt(end + 1) === second)) {
      const byte = hexAt(text, end + width, 2);
      if (byte < 0) break;
      bytes.push(byte);
      end += width + 2;
    }
    if (bytes.length > 0) {
      out += text.slice(kept, at) + lenientUtf8(bytes);
      kept = end;
    } else if (second === 0 && (text.charCodeAt(at + 1) | 32) === 117 && hexAt(text, at + 2, 4) >= 0) {
      out += text.slice(kept, at) + String.fromCharCode(hexAt(text, at + 2, 4));
      kept = end = at + 6;
    } else end = at + 1;
    at = text.indexOf(leadText, end);
  }
  return out + text.slice(kept);
}

function hexAt(text: string, at: number, digits: number): number {
  let value = 0;
  for (let i = 0; i < digits; i++) {
    const code = text.charCodeAt(at + i);
    const lower = code | 32;
    if (code >= 48 && code <= 57) value = value * 16 + code - 48;
    else if (lower >= 97 && lower <= 102) value = value * 16 + lower - 87;
    else return -1;
  }
  return value;
}

/** UTF-8 that also reads overlong forms (`c0 af` is `/`), as careless servers do. */
function lenientUtf8(bytes: readonly number[]): string {
  let out = '';
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i]!;
    const more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf8 ? 3 : 0;
    let point = more === 0 ? first : first & (0x3f >> more);
    let read = 1;
    while (read <= more && (bytes[i + read] ?? 0) >> 6 === 2) point = (point << 6) | (bytes[i + read++]! & 0x3f);
    if (read <= more || point > 0x10ffff) {
      out += String.fromCharCode(first);
      i++;
    } else {
      out += String.fromCodePoint(point);
      i += read;
    }
  }
  return out;
}
