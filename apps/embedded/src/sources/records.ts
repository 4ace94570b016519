import { headerAfter } from '#ingest';
import { maxLineBytes } from '../input/blocks.js';

/** Batches are cut at the last newline before this many bytes. */
export const batchBytes = 1 << 20;

/** A stretch of whole records. */
export interface Piece {
  readonly payload: Uint8Array;
  readonly count: number;
  /** The `#Fields:` line that held before it. */
  readonly header?: string;
}

/** Records in a payload: its newlines, plus one if the last record has none. */
export function countRecords(payload: Uint8Array): number {
  if (payload.length === 0) return 0;
  let count = payload[payload.length - 1] === 10 ? 0 : 1;
  for (let at = payload.indexOf(10); at >= 0; at = payload.indexOf(10, at + 1)) count++;
  return count;
}

/**
 * Cuts a text at newlines into pieces of about {@link batchBytes}. A line above the bound keeps one byte more than ingest takes, so that it becomes a
 * dead letter (`too_long`) with its beginning; `cut` counts them.
 */
export function cutRecords(text: Uint8Array): { pieces: Piece[]; count: number; cut: number } {
  const pieces: Piece[] = [];
  let [count, cut, start] = [0, 0, 0];
  let header: string | undefined;
  const add = (payload: Uint8Array): void => {
    const records = countRecords(payload);
    if (records === 0) return;
    pieces.push({ payload, count: records, ...(header !== undefined && { header }) });
    header = headerAfter(payload, header);
    count += records;
  };
  while (start < text.length) {
    const end = Math.min(start + batchBytes, text.length);
    // A piece ends behind the last newline in reach, or else behind the first one further on.
    const newline = end === text.length ? end - 1 : text.lastIndexOf(10, end - 1);
    const lineEnd = newline >= start ? newline : text.indexOf(10, end);
    const next = lineEnd < 0 ? text.length : lineEnd + 1;
    if (next - start > maxLineBytes + 1) {
      add(text.subarray(start, start + maxLineBytes));
      cut++;
    } else add(text.subarray(start, next));
    start = next;
  }
  return { pieces, count, cut };
}
