import { parsePrefix, type Prefix } from '../../networks/prefix.js';
import { buildPrefixTable, type PrefixTable } from '../../networks/prefix-table.js';

/**
 * `{"prefixes": [{"ipv4Prefix": …}, {"ipv6Prefix": …}]}` as Google, Bing, Apple, DuckDuckGo and OpenAI publish it, or a network a line.
 * @throws SyntaxError when there is anything else in it, or nothing.
 */
export function readRanges(text: string): PrefixTable {
  const prefixes = networksOf(text).map((written): Prefix => {
    const prefix = parsePrefix(written);
    if (!prefix) throw new SyntaxError(`expected networks, found ${JSON.stringify(written.slice(0, 60))}`);
    return prefix;
  });
  if (prefixes.length === 0) throw new SyntaxError('expected networks, found none');
  return buildPrefixTable(prefixes);
}

function networksOf(text: string): readonly string[] {
  if (!text.trimStart().startsWith('{'))
    return text
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim())
      .filter(Boolean);
  const { prefixes } = JSON.parse(text) as { prefixes?: unknown };
  if (!Array.isArray(prefixes)) throw new SyntaxError('expected "prefixes" to be a list');
  return prefixes.flatMap((one: Readonly<Record<string, unknown>> | null) =>
    [one?.['ipv4Prefix'], one?.['ipv6Prefix']].filter((each) => typeof each === 'string'),
  );
}
