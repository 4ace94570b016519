import { Problem } from '#http';

const [tab, newline, carriageReturn, space, quote, comma, backslash] = [9, 10, 13, 32, 34, 44, 92];
const [openBracket, closeBracket, openBrace, closeBrace] = [91, 93, 123, 125];

/**
 * `[{…}, {…}]` → one object a line, each with the very bytes it came with (a JSON parser would round long numbers), except that line breaks between its
 * tokens become spaces. Whether an object is sound JSON is for ingest to say; here only the shape of the array counts.
 * @throws Problem 400 naming the element that is no object, or the place where the array breaks off.
 */
export function splitJsonArray(body: Buffer): { lines: Buffer; count: number } {
  const out: Buffer[] = [];
  let at = afterSpace(body, 0) + 1;
  let count = 0;
  for (;;) {
    at = afterSpace(body, at);
    if (body[at] === closeBracket && count === 0) break;
    if (body[at] !== openBrace) throw broken(body, at, `element ${count + 1} of the array is not an object`);
    const end = objectEnd(body, at);
    if (end < 0) throw broken(body, body.length, `element ${count + 1} of the array is not complete`);
    out.push(oneLine(body.subarray(at, end)), lineEnd);
    count++;
    at = afterSpace(body, end);
    if (body[at] === closeBracket) break;
    if (body[at] !== comma) throw broken(body, at, `after element ${count} a comma or the end of the array was expected`);
    at++;
  }
  const end = afterSpace(body, at + 1);
  if (end < body.length) throw broken(body, end, 'there is something after the end of the array');
  return { lines: Buffer.concat(out), count };
}

const lineEnd = Buffer.from('\n');

/** Index behind the brace that closes the object at `start`; -1 if none does. */
function objectEnd(body: Buffer, start: number): number {
  let depth = 0;
  let inString = false;
  for (let i = start; i < body.length; i++) {
    const byte = body[i];
    if (inString) {
      if (byte === backslash) i++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) depth++;
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return i + 1;
  }
  return -1;
}

function oneLine(object: Buffer): Buffer {
  if (!object.includes(newline) && !object.includes(carriageReturn)) return object;
  return Buffer.from(object.map((byte) => (byte === newline || byte === carriageReturn ? space : byte)));
}

function afterSpace(body: Buffer, from: number): number {
  let at = from;
  while (at < body.length && (body[at] === space || body[at] === newline || body[at] === tab || body[at] === carriageReturn)) at++;
  return at;
}

/** First byte that is no white space. */
export function firstByte(body: Buffer): number | undefined {
  return body[afterSpace(body, 0)];
}

function broken(body: Buffer, at: number, what: string): Problem {
  const where = at >= body.length ? 'at its end' : `at byte ${at}`;
  return new Problem(400, 'body_damaged', `The JSON array breaks ${where}: ${what}. Nothing was accepted.`);
}
