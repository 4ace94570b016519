import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ServiceError } from '#telemetry';

/** Who asked for whom, when, and why. */
export interface Reveal {
  /** ISO 8601. */
  readonly at: string;
  /** Account of the machine under which the command ran. */
  readonly by: string;
  readonly action: 'reveal' | 'pseudonym';
  readonly pseudonym: string;
  readonly reason: string;
  readonly outcome: 'revealed' | 'unknown' | 'told';
}

/** Longer than any line of the record. */
const tail = 32_768;

/**
 * Appends a line to the record, on disk when this returns. Each line holds the SHA-256 of the one before, so that a line that was taken out or changed
 * later is seen by `checkReveals`; only the end can be cut off unseen: ship the file away to guard against that.
 * @throws ServiceError `reveals_unwritable`: then nothing may be revealed.
 */
export function appendReveal(path: string, reveal: Reveal): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, 'a+', 0o600);
    try {
      writeSync(file, `${JSON.stringify({ ...reveal, before: hashOf(lastLine(file)) })}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ServiceError('reveals_unwritable', `The record ${path} cannot be written (${why}), so nobody is revealed.`, { cause });
  }
}

export interface CheckedReveals {
  readonly lines: number;
  /** The number of the first line that does not follow from the one before it, or 0. */
  readonly broken: number;
  /** SHA-256 of the last line: who keeps it elsewhere sees later whether the end was cut off. */
  readonly end: string;
}

/** @throws ServiceError `reveals_unreadable` */
export function checkReveals(path: string): CheckedReveals {
  const parts = read(path).split('\n');
  // A last line without a line break was not written to its end, and is checked as it stands.
  const lines = parts.at(-1) === '' ? parts.slice(0, -1) : parts;
  const broken = lines.findIndex((line, nth) => beforeOf(line) !== hashOf(lines[nth - 1] ?? '')) + 1;
  return { lines: lines.length, broken, end: hashOf(lines.at(-1) ?? '') };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = missing ? 'there is no such file: nobody was revealed yet, or it lies elsewhere (--record)' : String(cause);
    throw new ServiceError('reveals_unreadable', `The record ${path} cannot be read: ${why}.`, { cause });
  }
}

function beforeOf(line: string): unknown {
  try {
    return (JSON.parse(line) as { before?: unknown }).before;
  } catch {
    return undefined;
  }
}

function lastLine(file: number): string {
  const { size } = fstatSync(file);
  const bytes = Buffer.alloc(Math.min(size, tail));
  readSync(file, bytes, 0, bytes.length, size - bytes.length);
  return bytes.toString('utf8').trimEnd().split('\n').at(-1) ?? '';
}

function hashOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}
