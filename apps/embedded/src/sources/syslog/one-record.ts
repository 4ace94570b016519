const [newline, carriageReturn, space, nul, openBrace, closeBrace] = [10, 13, 32, 0, 123, 125];
const escaped = Buffer.from('#012');

/**
 * A whole message (of a datagram or an octet-counted frame) as one record of the log, where a newline ends a record. A newline within it becomes `#012`, as
 * rsyslog and syslog-ng write it, so nothing is lost and a sender's text cannot pass for a line of its own; within a JSON document newlines stand between tokens and
 * become blanks. Trailing newlines and NULs belong to the framing (RFC 6587, 3.4.2). Empty: there is no message.
 */
export function oneRecord(message: Uint8Array): Buffer {
  let end = message.length;
  while (end > 0 && isTrailer(message[end - 1]!)) end--;
  const text = Buffer.from(message.buffer, message.byteOffset, end);
  if (!text.includes(newline)) return text;
  const json = jsonStart(text);
  return json < 0 ? withEscapes(text) : withBlanks(text, json);
}

function isTrailer(byte: number): boolean {
  return byte === newline || byte === carriageReturn || byte === nul;
}

/** Where a JSON object begins that goes to the end of the message, or -1. JSON has no raw newline within a string, so each is between tokens. */
function jsonStart(text: Buffer): number {
  const start = text.indexOf(openBrace);
  if (start < 0 || text[text.length - 1] !== closeBrace || text.indexOf(newline) < start) return -1;
  try {
    JSON.parse(text.toString('utf8', start));
    return start;
  } catch {
    return -1;
  }
}

function withBlanks(text: Buffer, from: number): Buffer {
  const record = Buffer.from(text);
  for (let at = record.indexOf(newline, from); at >= 0; at = record.indexOf(newline, at + 1)) {
    record[at] = space;
    if (record[at - 1] === carriageReturn) record[at - 1] = space;
  }
  return record;
}

function withEscapes(text: Buffer): Buffer {
  const parts: Buffer[] = [];
  let start = 0;
  for (let at = text.indexOf(newline); at >= 0; at = text.indexOf(newline, start)) {
    parts.push(text.subarray(start, at), escaped);
    start = at + 1;
  }
  parts.push(text.subarray(start));
  return Buffer.concat(parts);
}
