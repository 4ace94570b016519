/** Numbers from 0 up to 1, the same for the same seed (Mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export type Random = ReturnType<typeof randomFrom>;

/** What parsers stumble over: delimiters, ends of numbers and dates, halves of escapes and of UTF-8, names of JavaScript's own. */
const pieces = [
  '"', "'", '\\', '\\"', '\\x', '\\u12', '\\ud800', '%', '%2', '%00', '%C0%AF', '[', ']', '{', '}', '{}', '[]', ':', ',', ';', '=', '|', ' ', '\t', '-', '--',
  '\r', '\0', '\u001b[31m', '\u202e', '\ufeff', '\ud800', '\uffff', 'é', '0', '-1', '1e999', '999999999999999999999', 'NaN', 'null', 'true', '0x1', '1.', '.1',
  '00/Jan/0000:00:00:00 +0000', '31/Feb/2026:25:61:61 +9999', '2026-13-45T99:99:99Z', '0000-00-00', '::', '::ffff:1.2.3.4', '[::1]:80', '256.256.256.256',
  '1.2.3.4.5', 'http://', 'https://[', '?', '#', '&a&b=&=c', 'a'.repeat(300), '__proto__', 'constructor', 'toString', '<14>', '<999>1 ', 'CEF:0|', '#Fields: ', '{"Records":[',
].map((text) => Buffer.from(text)); // prettier-ignore

const halves = [0x80, 0xbf, 0xc0, 0xc3, 0xe2, 0xf0, 0xff, 0x00, 0x1f, 0x7f];

/** One line made worse, up to eight times over; never with a newline in it. `others` are lines that pieces are taken from. */
export function mutate(line: Uint8Array, others: readonly Uint8Array[], random: Random): Buffer {
  let text: Buffer = Buffer.from(line);
  const times = 1 + Math.floor(random() ** 2 * 8);
  for (let at = 0; at < times; at++) text = changes[Math.floor(random() * changes.length)]!(text, others, random);
  return text.subarray(0, 1 << 21).filter((byte) => byte !== 0x0a) as Buffer;
}

type Change = (text: Buffer, others: readonly Uint8Array[], random: Random) => Buffer;

const place = (text: Buffer, random: Random): number => Math.floor(random() * (text.length + 1));
const put = (text: Buffer, at: number, piece: Uint8Array, cut = 0): Buffer =>
  Buffer.concat([text.subarray(0, at), piece, text.subarray(at + cut)]);
const stretch = (text: Uint8Array, random: Random): Uint8Array => {
  const from = Math.floor(random() * text.length);
  return text.subarray(from, from + 1 + Math.floor(random() * Math.min(200, text.length - from)));
};

const changes: readonly Change[] = [
  (text, _, random) => put(text, place(text, random), pieces[Math.floor(random() * pieces.length)]!),
  (text, _, random) => put(text, place(text, random), pieces[Math.floor(random() * pieces.length)]!, Math.floor(random() * 12)),
  (text, _, random) => put(text, place(text, random), Buffer.of(halves[Math.floor(random() * halves.length)]!), 1),
  (text, _, random) => put(text, place(text, random), Buffer.of(Math.floor(random() * 256)), 1),
  // Cut off, and a stretch cut out.
  (text, _, random) => text.subarray(0, place(text, random)),
  (text, _, random) => put(text, place(text, random), Buffer.alloc(0), Math.floor(random() * 40)),
  // A stretch twice, and a stretch of another line.
  (text, _, random) => put(text, place(text, random), stretch(text, random)),
  (text, others, random) => put(text, place(text, random), stretch(others[Math.floor(random() * others.length)]!, random)),
  // Many of one thing: what takes time with the square of the length shows here.
  (text, _, random) => {
    if (random() > 0.1) return text;
    const piece = random() < 0.5 ? pieces[Math.floor(random() * pieces.length)]! : stretch(text, random);
    return put(text, place(text, random), repeated(piece, Math.floor(random() * 60_000)));
  },
];

function repeated(piece: Uint8Array, bytes: number): Buffer {
  return Buffer.alloc(Math.max(1, bytes), piece.length > 0 ? piece : Buffer.of(0x61));
}

/** Bytes that are no line of anything. */
export function noise(random: Random): Buffer {
  const bytes = Buffer.alloc(Math.floor(random() ** 3 * 4000));
  const printable = random() < 0.5;
  for (let at = 0; at < bytes.length; at++) bytes[at] = printable ? 32 + Math.floor(random() * 95) : Math.floor(random() * 256);
  return bytes.filter((byte) => byte !== 0x0a) as Buffer;
}
