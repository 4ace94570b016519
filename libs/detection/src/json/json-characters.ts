// The bytes that JSON (RFC 8259) is made of.

export const quote = 34;
export const comma = 44;
export const colon = 58;
export const openList = 91;
export const backslash = 92;
export const closeList = 93;
export const openObject = 123;
export const closeObject = 125;

/** Bytes inside a string: 0 plain, 1 beyond ASCII, 2 quote, 3 backslash, 4 forbidden. */
export const inString = new Uint8Array(256);
inString.fill(1, 128);
inString.fill(4, 0, 32);
inString[quote] = 2;
inString[backslash] = 3;
export const isSpace = new Uint8Array(256);
// No line feed: a line ends there, so nothing reads on into the next one.
for (const space of [32, 9, 13]) isSpace[space] = 1;
export const isEscape = new Uint8Array(256);
for (const char of '"\\/bfnrt') isEscape[char.charCodeAt(0)] = 1;
export const isHex = new Uint8Array(256);
for (const char of '0123456789abcdefABCDEF') isHex[char.charCodeAt(0)] = 1;
export const isDigit = new Uint8Array(256).fill(1, 48, 58);
