import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto';

/** Names to pseudonyms and back. */
export interface UserPseudonyms {
  of(name: string): string;
  /** The name; `undefined` where this is no pseudonym by this key, or one of a name that was too long to be kept. */
  reveal(pseudonym: string): string | undefined;
}

const mark = 'u_';
/** Names above this many bytes are told apart and cannot be revealed: a pseudonym must not be a megabyte. */
const mostBytes = 512;
const tagBytes = 12;
/** Names are filled up to a multiple of this, so that a pseudonym tells little of the length. */
const step = 12;

/**
 * Deterministic authenticated encryption after SIV (Rogaway and Shrimpton, RFC 5297's idea): the first 96 bits of HMAC-SHA-256 over the name are tag and
 * initial counter of AES-256-CTR. The same name has the same pseudonym, another key gives others, and what was not made by this key is refused.
 */
export function userPseudonyms(key: Uint8Array): UserPseudonyms {
  const macKey = createSecretKey(Buffer.from(hkdfSync('sha256', key, '', 'gatewatch pseudonyms: users, tag', 32)));
  const cipherKey = Buffer.from(hkdfSync('sha256', key, '', 'gatewatch pseudonyms: users, cipher', 32));
  return {
    of(name) {
      const plain = Buffer.from(name, 'utf8');
      const tag = tagOf(macKey, plain);
      if (plain.length > mostBytes) return mark + tag.toString('base64url');
      const cipher = createCipheriv('aes-256-ctr', cipherKey, counter(tag));
      return mark + Buffer.concat([tag, cipher.update(padded(plain))]).toString('base64url');
    },
    reveal(pseudonym) {
      if (!pseudonym.startsWith(mark) || pseudonym.length > 2 * mostBytes) return undefined;
      const bytes = Buffer.from(pseudonym.slice(mark.length), 'base64url');
      if (bytes.length <= tagBytes) return undefined;
      const tag = bytes.subarray(0, tagBytes);
      const filled = createDecipheriv('aes-256-ctr', cipherKey, counter(tag)).update(bytes.subarray(tagBytes));
      const plain = filled.subarray(0, filled.lastIndexOf(0x80));
      const whole = padded(plain).equals(filled) && timingSafeEqual(tagOf(macKey, plain), tag);
      return whole ? plain.toString('utf8') : undefined;
    },
  };
}

function tagOf(key: KeyObject, plain: Uint8Array): Buffer {
  return createHmac('sha256', key).update(plain).digest().subarray(0, tagBytes);
}

function counter(tag: Uint8Array): Buffer {
  return Buffer.concat([tag, Buffer.alloc(16 - tagBytes)]);
}

/** ISO/IEC 7816-4: one byte 80, then zeros. */
function padded(plain: Uint8Array): Buffer {
  const out = Buffer.alloc(Math.ceil((plain.length + 1) / step) * step);
  out.set(plain);
  out[plain.length] = 0x80;
  return out;
}
