import { z } from 'zod';
import { pseudonymsConfig } from './pseudonyms/config.js';

const name = z
  .string()
  .min(1)
  .max(128)
  .refine((text) => text.split('*').length <= 2, { error: 'expected at most one *' });

const path = z
  .string()
  .max(512)
  .regex(/^\/(?:[^/\s?#{}*]+|\*|\{[^/{}\s]+\})(?:\/(?:[^/\s?#{}*]+|\*|\{[^/{}\s]+\}))*$/, 'expected a path such as /reset/{token}')
  .refine((text) => text.includes('{'), { error: 'expected a segment in braces: that is hidden' });

export const redactConfig = z
  .strictObject({
    hide: z
      .array(name)
      .default([])
      .describe(
        'Further names of parameters, headers and JSON fields whose value is hidden; one * stands for anything. Compared without case.',
      ),
    show: z.array(name).default([]).describe('Names whose value is shown although they are usually those of secrets: state, code.'),
    paths: z
      .array(path)
      .max(200)
      .default([])
      .describe('Paths of which segments are hidden: /reset/{token} hides the token, * is any segment.'),
    cards: z.boolean().default(true).describe('Hide card numbers, known by length and check digit, in URLs, texts and JSON.'),
    pseudonyms: pseudonymsConfig.optional(),
  })
  .prefault({})
  .describe('What is hidden before anything is stored, beside what always is: passwords, tokens, keys, sessions.');
/** Without pseudonyms, which are no matter of single texts. */
export type RedactConfig = Omit<z.infer<typeof redactConfig>, 'pseudonyms'>;

/** The operator's own word on what is secret. */
export interface Redaction {
  /** `true` hides, `false` shows, `undefined` leaves it to the usual names. */
  judge(name: string): boolean | undefined;
  readonly paths: readonly RegExp[];
  readonly cards: boolean;
}

/** Nothing where the configuration says nothing of its own: then no time is spent on it. */
export function redactionOf({ hide, show, paths, cards }: RedactConfig): Redaction | undefined {
  if (hide.length + show.length + paths.length === 0 && cards) return undefined;
  const hides = nameTest(hide);
  const shows = nameTest(show);
  return { judge: (text) => (hides(text) ? true : shows(text) ? false : undefined), paths: paths.map(pathPattern), cards };
}

function nameTest(names: readonly string[]): (text: string) => boolean {
  const exact = new Set<string>();
  const parted: (readonly [string, string])[] = [];
  for (const text of names) {
    const [head, tail] = text.toLowerCase().split('*');
    if (tail === undefined) exact.add(head!);
    else parted.push([head!, tail]);
  }
  return (text) => {
    const lower = text.toLowerCase();
    return (
      exact.has(lower) ||
      parted.some(([head, tail]) => lower.length >= head.length + tail.length && lower.startsWith(head) && lower.endsWith(tail))
    );
  };
}

/** Segments exclude slashes, so an attempt ends at the next one: linear. What is hidden is what no group keeps. */
function pathPattern(text: string): RegExp {
  const parts = text
    .split('/')
    .slice(1)
    .map((segment) => {
      if (segment.startsWith('{')) return `(/)[^/?#\\s"]{1,1024}`;
      return segment === '*' ? `(/[^/?#\\s"]{1,1024})` : `(/${segment.replace(/[.*+?^$()|[\]\\-]/g, '\\$&')})`;
    });
  return new RegExp(`${parts.join('')}(?=[/?#\\s"]|$)`, 'g');
}

/** Hides the segments in a text. */
export function redactPaths(text: string, paths: readonly RegExp[], redacted: string): string {
  let out = text;
  for (const pattern of paths) {
    out = out.replace(pattern, (...found: unknown[]) => {
      const groups = found.filter((part, nth): part is string => nth > 0 && typeof part === 'string').slice(0, -1);
      return groups.map((part) => (part === '/' ? `/${redacted}` : part)).join('');
    });
  }
  return out;
}
