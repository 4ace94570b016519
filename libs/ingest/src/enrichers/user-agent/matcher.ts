import { flat } from '../../bounded-cache.js';

/** An entry of uap-core's `regexes.yaml`. */
export interface UaPattern {
  readonly regex: string;
  readonly regex_flag?: string;
  readonly [replacement: string]: string | undefined;
}

export interface UaMatch {
  readonly family: string;
  /** `major.minor.patch`, as many as there are. */
  readonly version: string | undefined;
}

/** The first pattern that a text meets, in the order of the file. */
export type Matcher = (text: string) => UaMatch | undefined;

interface Group {
  /** All patterns of the group as one alternation: most texts meet none, and one expression finds that out for all. */
  readonly any: RegExp;
  readonly members: readonly { readonly regex: RegExp; readonly pattern: UaPattern }[];
}

const groupSize = 24;

/** Compiles patterns; `names` are the keys of the replacements for family and the version's parts. The specification is uap-core's docs/specification.md. */
export function buildMatcher(patterns: readonly UaPattern[], names: readonly string[]): Matcher {
  const groups: Group[] = [];
  for (let i = 0; i < patterns.length; i += groupSize) groups.push(makeGroup(patterns.slice(i, i + groupSize)));
  return (text) => {
    for (const { any, members } of groups) {
      if (!any.test(text)) continue;
      for (const { regex, pattern } of members) {
        const found = regex.exec(text);
        if (found) return readMatch(found, pattern, names);
      }
    }
    return undefined;
  };
}

function makeGroup(patterns: readonly UaPattern[]): Group {
  const members = patterns.map((pattern) => ({ pattern, regex: new RegExp(pattern.regex, pattern.regex_flag ?? '') }));
  // The test is wider where a member ignores case: the members decide. Back references would count other groups: such a group is tried one by one.
  const flag = patterns.some(({ regex_flag }) => regex_flag === 'i') ? 'i' : '';
  const hasBackReference = patterns.some(({ regex }) => /\\[1-9]/.test(regex));
  const any = hasBackReference ? /^/ : new RegExp(patterns.map(({ regex }) => `(?:${regex})`).join('|'), flag);
  return { any, members };
}

function readMatch(found: RegExpExecArray, pattern: UaPattern, names: readonly string[]): UaMatch | undefined {
  const parts = names.map((name, i) => {
    const replacement = pattern[name];
    const text =
      replacement === undefined ? found[i + 1] : replacement.replace(/\$(\d)/g, (_, digit: string) => found[Number(digit)] ?? '');
    return text?.trim() || undefined;
  });
  const [family, ...version] = parts;
  if (family === undefined) return undefined;
  const end = version.findIndex((part) => part === undefined);
  const numbers = (end < 0 ? version : version.slice(0, end)).join('.');
  return { family: flat(family), version: numbers === '' ? undefined : flat(numbers) };
}
