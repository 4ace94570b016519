import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** What is known of the last pull: beside the feed's file as `<file>.pull.json`. */
export interface PullState {
  /** From where: what was known of another place does not hold. */
  readonly of: string;
  /** When it last went well, in milliseconds. */
  readonly at: number;
  /** Validators of a plain feed (RFC 9110, 8.8). */
  readonly etag?: string;
  readonly modified?: string;
  /** `X-TAXII-Date-Added-Last` of the last page. */
  readonly added?: string;
}

export function readState(file: string, of: string): PullState | undefined {
  try {
    const state = JSON.parse(readFileSync(stateFile(file), 'utf8')) as Partial<PullState>;
    return state.of === of && typeof state.at === 'number' ? { ...state, of, at: state.at } : undefined;
  } catch {
    // Nothing was pulled yet, or what is known cannot be read: both begin anew.
    return undefined;
  }
}

/** After the feed itself: a crash between the two means one pull too many. */
export function writeState(file: string, state: PullState): void {
  writeWhole(stateFile(file), [JSON.stringify(state)]);
}

/** Beside, synced, and renamed: whoever reads the file has the old one or the new one. */
export function writeWhole(file: string, pieces: Iterable<string | Uint8Array>): void {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.part`;
  try {
    const handle = openSync(unfinished, 'w', 0o640);
    try {
      for (const piece of pieces) writeAll(handle, typeof piece === 'string' ? Buffer.from(piece) : piece);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
}

function stateFile(file: string): string {
  return `${file}.pull.json`;
}
