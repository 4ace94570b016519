import { Buffer, isAscii } from 'node:buffer';

/** Takes one record. A line that is longer than the caller wants comes as `undefined`: it was not decoded. */
export type TakeLine = (line: string | undefined, start: number, end: number) => void;

const segment = 1 << 20;
const newline = 10;
const carriageReturn = 13;
// eslint-disable-next-line no-control-regex
const notAscii = /[^\u0000-\u007f]/;

/**
 * Cuts a payload into its records and decodes them; `start` and `end` are byte positions, line end excluded. Latin-1 gives one character a byte, so
 * the text's index *is* the byte position, and only a line that holds other than ASCII is decoded once more, as UTF-8. The text is made in pieces of
 * about 1 MiB, and a line beyond `maxLine` bytes is never decoded: 100 MB without a newline cost a search for the newline.
 */
export function eachLine(payload: Uint8Array, maxLine: number, take: TakeLine): void {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  let from = 0;
  while (from < bytes.length) {
    let to = bytes.length;
    if (to - from > segment) {
      const last = bytes.lastIndexOf(newline, from + segment - 1);
      const next = last >= from ? last : bytes.indexOf(newline, from + segment);
      to = next < 0 ? bytes.length : next + 1;
    }
    if (to - from > segment && to - from > maxLine + 2) takeOne(bytes, from, to, take);
    else eachOfText(bytes, { from, to, maxLine }, take);
    from = to;
  }
}

function takeOne(bytes: Buffer, from: number, to: number, take: TakeLine): void {
  let end = bytes[to - 1] === newline ? to - 1 : to;
  if (bytes[end - 1] === carriageReturn) end--;
  take(undefined, from, end);
}

function eachOfText(bytes: Buffer, { from, to, maxLine }: { from: number; to: number; maxLine: number }, take: TakeLine): void {
  const text = bytes.toString('latin1', from, to);
  const ascii = isAscii(bytes.subarray(from, to));
  const { length } = text;
  let start = 0;
  while (start < length) {
    let next = text.indexOf('\n', start);
    if (next < 0) next = length;
    const end = next > start && text.charCodeAt(next - 1) === carriageReturn ? next - 1 : next;
    if (end - start > maxLine) take(undefined, from + start, from + end);
    else {
      const line = text.slice(start, end);
      take(ascii || !notAscii.test(line) ? line : bytes.toString('utf8', from + start, from + end), from + start, from + end);
    }
    start = next + 1;
  }
}
