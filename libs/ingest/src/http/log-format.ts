import { failed, quoted, type Failure } from '../failure.js';
import type { Scope } from '../formats/format.js';
import type { LogEvent } from '../log-event.js';
import { finishAccess } from './access-event.js';
import { isEscaped } from './quoted-field.js';

/** Takes the text of one variable; a failure makes the line a dead letter. */
export type Setter = (event: LogEvent, text: string, scope: Scope) => Failure | undefined | void;

/** A literal and the variable behind it. */
export interface Piece {
  readonly literal: string;
  /** As the operator wrote it, for messages. */
  readonly variable: string;
  readonly set: Setter | undefined;
  /** A list of several upstreams may hold the separator itself: `10.0.0.1:80, 10.0.0.2:80`. */
  readonly list?: boolean;
}

/** A compiled `log_format`. */
export interface LogFormat {
  readonly pieces: readonly Piece[];
  /** Literal behind the last variable. */
  readonly tail: string;
  /** Whether a variable tells the time. */
  readonly timed: boolean;
}

export type LogFormatResult = { readonly ok: true; readonly format: LogFormat } | { readonly ok: false; readonly problem: string };

/** Checks what a parser could not work with. Two variables without anything between them cannot be told apart. */
export function checkLogFormat(format: LogFormat): LogFormatResult {
  const { pieces, timed } = format;
  if (pieces.length === 0) return { ok: false, problem: 'it has no variable' };
  for (let i = 1; i < pieces.length; i++) {
    if (pieces[i]!.literal === '') {
      return {
        ok: false,
        problem: `${pieces[i - 1]!.variable} and ${pieces[i]!.variable} have nothing between them, so their ends cannot be told`,
      };
    }
  }
  if (!timed) return { ok: false, problem: 'it has no time: add $time_local, $time_iso8601 or $msec (Apache: %t)' };
  return { ok: true, format };
}

/** Reads a line by a compiled format: each variable ends where the next literal begins. One pass. */
export function parseByFormat({ pieces, tail }: LogFormat, line: string, event: LogEvent, scope: Scope): Failure | undefined {
  let at = 0;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!;
    if (!line.startsWith(piece.literal, at)) return mismatch(line, at, `${quoted(piece.literal)} before ${piece.variable}`);
    at += piece.literal.length;
    const literal = pieces[i + 1]?.literal ?? tail;
    const end = literal === '' ? line.length : valueEnd(line, at, literal, piece);
    if (end < 0) return mismatch(line, at, `${quoted(literal)} after ${piece.variable}`);
    const failure = piece.set?.(event, line.slice(at, end), scope);
    if (failure) return failure;
    at = end;
  }
  if (at + tail.length !== line.length || !line.endsWith(tail))
    return mismatch(line, at, tail === '' ? 'the end of the line' : quoted(tail));
  finishAccess(event);
  return undefined;
}

function mismatch(line: string, at: number, expected: string): Failure {
  return failed(
    'line_shape',
    `Expected ${expected} at character ${at + 1}, as the configured log format asks, found ${quoted(line.slice(at))}.`,
  );
}

/** Where a value ends: at the next literal, but not at an escaped quote and not inside a list. */
function valueEnd(line: string, from: number, literal: string, { list, literal: before }: Piece): number {
  const quote = literal.charCodeAt(0) === 34 && before.endsWith('"');
  let end = line.indexOf(literal, from);
  while (end >= 0) {
    if (quote && isEscaped(line, end, from)) end = line.indexOf(literal, end + 1);
    else if (list && goesOn(line, end, from)) end = line.indexOf(literal, end + 1);
    else return end;
  }
  return end;
}

/** nginx parts upstreams by ", " and groups of them by " : ". */
function goesOn(line: string, end: number, from: number): boolean {
  if (line.charCodeAt(end) !== 32) return false;
  const before = line.charCodeAt(end - 1);
  return (before === 44 && end > from) || line.startsWith(' : ', end) || (before === 58 && line.charCodeAt(end - 2) === 32);
}
