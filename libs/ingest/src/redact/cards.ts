/** What a card's number begins with (ISO/IEC 7812) and how long it is then. */
const kinds: readonly { readonly begins: RegExp; readonly lengths: readonly number[] }[] = [
  { begins: /^4/, lengths: [13, 16] },
  { begins: /^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/, lengths: [16] },
  { begins: /^3[47]/, lengths: [15] },
  { begins: /^(?:6011|65|64[4-9]|35(?:2[89]|[3-8]))/, lengths: [16] },
  { begins: /^3(?:0[0-5]|[68])/, lengths: [14] },
  { begins: /^62/, lengths: [16, 17, 18, 19] },
];

const maybe = /[2-6]\d{3}(?:[ +-]|%2)?\d{2}/;
// Digits in fours or not, bounded, in no longer word or number: part of a UUID or a token is no card.
const candidate = /(?<![\w.-])[2-6]\d{3}(?:(?:[ +-]|%20|%2[dD])?\d){9,15}(?![\w-]|\.\d)/g;

/** Replaces card numbers whose length and check digit (Luhn) are right. */
export function redactCards(text: string, redacted: string): string {
  if (text.length < 13 || !maybe.test(text)) return text;
  return text.replace(candidate, (whole) => (isCard(whole.replace(/%2[\dD]|\D/gi, '')) ? redacted : whole));
}

export function isCard(digits: string): boolean {
  return kinds.some(({ begins, lengths }) => lengths.includes(digits.length) && begins.test(digits)) && hasCheckDigit(digits);
}

function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}
