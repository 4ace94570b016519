/** A header that CloudFront percent-encoded, the user agent sometimes twice. */
export function decodedHeader(text: string): string {
  return decoded(decoded(text));
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8, or a lone percent sign: as it was logged.
    return text;
  }
}
