import { createHash } from 'node:crypto';

/** 53 well-mixed bits of a text, for telling values apart without keeping them. Not secret: who knows it can make two texts meet. */
export function hash53(text: string): number {
  let one = 0xdeadbeef ^ text.length;
  let two = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    one = Math.imul(one ^ code, 0x9e3779b1);
    two = Math.imul(two ^ code, 0x5f356495);
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(two ^ (two >>> 13), 0xc2b2ae35);
  two = Math.imul(two ^ (two >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  return (two >>> 11) * 4294967296 + (one >>> 0);
}

/** Signal id: hash(rule id, rule version, group key, id of the opening event), 128 bits as 22 letters that a URL can carry, and that no command takes for an option: the first is never a hyphen. */
export function signalId(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part, 'utf16le');
  return hash.digest().subarray(0, 16).toString('base64url').replace(/^-/, '_');
}

/** A state key's last part: the text itself where it is short and can be written as UTF-8, else its hash. */
export function keyName(text: string): string {
  return text.length <= 200 && !/^#|[\ud800-\udfff]/.test(text) ? text : `#${signalId(text)}`;
}
