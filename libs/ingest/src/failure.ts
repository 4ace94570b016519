import type { DeadLetterReason } from '#ecs';

/** Why a line is no event: the reason for the metric, the sentence for a person. */
export interface Failure {
  readonly reason: DeadLetterReason;
  /** What was expected, where, and what was found. */
  readonly message: string;
}

export function failed(reason: DeadLetterReason, message: string): Failure {
  return { reason, message };
}

/** What a parser answers to a line that describes its log (`#Fields: …`) and is no record: it counts as blank. */
export const directive: Failure = Object.freeze(failed('line_shape', 'A line that describes its log is no record.'));

/** Foreign text for a message: at most 60 characters, quoted, nothing in it can move a cursor or break a line. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return `"${short.replace(controls, escape)}"`;
}

// C0, DEL, C1, the quote and the backslash, and the marks that turn the direction of writing or end a line in Unicode.
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f"\\\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function escape(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
