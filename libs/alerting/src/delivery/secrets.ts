/** Takes secrets out of a text from outside before it goes into a log or the ledger, and bounds it to one line of 300 characters. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text.slice(0, 4096);
  for (const secret of secrets) for (const form of formsOf(secret)) clean = clean.replaceAll(form, '<secret>');
  return clean
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 300);
}

/** A secret as it is, and as servers like to repeat it. Very short ones would blacken innocent text. */
function formsOf(secret: string): string[] {
  if (secret.length < 4) return [];
  const forms = [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    JSON.stringify(secret).slice(1, -1),
  ];
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}
