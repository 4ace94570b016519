import { plain, tidy, type Pattern } from './pattern.js';

/** A value on its way through the modifiers. `bytes` marks text that stands for bytes (one character each) after a UTF-16 modifier. */
export interface Encoded {
  readonly pattern: Pattern;
  readonly bytes: boolean;
}

export type Encoder = (value: Encoded) => readonly Encoded[] | string;

const noWildcards = 'takes a value without wildcards';

function utf16(order: 'le' | 'be', mark: boolean): Encoder {
  return ({ pattern }) => {
    const text = plain(pattern);
    if (text === undefined) return noWildcards;
    const buffer = Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le');
    return [{ pattern: [(order === 'be' ? buffer.swap16() : buffer).toString('latin1')], bytes: true }];
  };
}

function bytesOf({ pattern, bytes }: Encoded): Buffer | undefined {
  const text = plain(pattern);
  return text === undefined ? undefined : Buffer.from(text, bytes ? 'latin1' : 'utf8');
}

const base64: Encoder = (value) => {
  const bytes = bytesOf(value);
  return bytes ? [{ pattern: [bytes.toString('base64')], bytes: false }] : noWildcards;
};

/** Base64 of a text that starts at the first, second or third byte of a group, without the characters its neighbours decide. */
const base64offset: Encoder = (value) => {
  const bytes = bytesOf(value);
  if (!bytes) return noWildcards;
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const end = [0, 3, 2][(bytes.length + shift) % 3]!;
    return { pattern: [text.slice([0, 2, 3][shift], text.length - end)], bytes: false };
  });
};

const dashes = ['-', '/', '–', '—', '―'];
const maxDashes = 4;

/** A dash or slash that begins a word is a flag's; all of them may be written in five ways. */
const windash: Encoder = ({ pattern, bytes }) => {
  let variants: Pattern[] = [[]];
  let flags = 0;
  for (const part of pattern) {
    const pieces: Pattern = typeof part === 'string' ? part.split(/(?<!\w)([-/–—―])(?=\w)/) : [part];
    for (const [i, piece] of pieces.entries()) {
      const isFlag = typeof part === 'string' && i % 2 === 1;
      if (isFlag && ++flags > maxDashes) return `takes at most ${maxDashes} flags in one value`;
      const choices: Pattern = isFlag ? dashes : [piece];
      variants = variants.flatMap((variant) => choices.map((choice): Pattern => [...variant, choice]));
    }
  }
  return variants.map((variant) => ({ pattern: tidy(variant), bytes }));
};

/** Modifiers that turn a value into other values, applied in the order written. */
export const encoders: Readonly<Record<string, Encoder>> = {
  wide: utf16('le', false),
  utf16le: utf16('le', false),
  utf16be: utf16('be', false),
  utf16: utf16('le', true),
  base64,
  base64offset,
  windash,
};
