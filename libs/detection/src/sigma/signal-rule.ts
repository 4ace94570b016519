import { createHash } from 'node:crypto';
import { levels, type Level, type SignalRule } from '#ecs';
import { isContent, kindOf, show, type Place, type RuleDocument } from './documents.js';
import { didYouMean, slipFor } from './nearest.js';

/** What every kind of rule document says about itself. */
export type Heading = Omit<SignalRule, 'version' | 'type' | 'asks'>;

/** Reads title, id, level, tags …; the id falls back to the name, then to the file. Keys that Sigma does not know are the author's own and pass. */
export function readHeading(document: RuleDocument, place: Place): Heading {
  const { content } = document;
  const text = (key: string): string | undefined => readText(content[key], place.at(key));
  const name = text('name');
  const tags = readTexts(content['tags'], place.at('tags'));
  const own = isContent(content['gatewatch']) ? content['gatewatch'] : {};
  const title = text('title');
  if (!title) place.fail(`'title' is missing${slipFor('title', Object.keys(content))}`);
  return {
    id: text('id') ?? name ?? fileId(document),
    title: title ?? '',
    level: readLevel(content['level'], place.at('level')),
    techniques: [...new Set(tags.flatMap((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase() ?? []))],
    tags: tags.filter((tag) => !/^attack\.t\d{4}/i.test(tag)),
    references: readTexts(content['references'], place.at('references')),
    falsePositives: readTexts(content['falsepositives'], place.at('falsepositives')),
    ...(name !== undefined && { name }),
    ...optional('description', text('description')),
    ...optional('author', readTexts(content['author'], place.at('author')).join(', ')),
    ...optional('runbook', readText(own['runbook'], place.at('gatewatch', 'runbook'))),
  };
}

function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value ? ({ [key]: value } as Record<Key, string>) : {};
}

function readLevel(value: unknown, place: Place): Level {
  if (value === undefined) return 'medium';
  const level = levels.find((known) => known === value);
  if (level) return level;
  place.fail(`unknown level ${show(value)}${didYouMean(show(value), levels) || `, expected one of ${levels.join(', ')}`}`);
  return 'medium';
}

/** A text (numbers are taken as written, surrounding blanks removed). */
export function readText(value: unknown, place: Place): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return String(value);
  return place.fail(`expected a text, got ${kindOf(value)}`);
}

/** A text or a list of texts. */
export function readTexts(value: unknown, place: Place): string[] {
  const items = Array.isArray(value) ? (value as unknown[]) : [value];
  return items.flatMap((item, i) => readText(item, Array.isArray(value) ? place.at(i) : place) ?? []);
}

function fileId({ file, position }: RuleDocument): string {
  const base = file.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/i, '');
  return position === 0 ? base : `${base}-${position + 1}`;
}

/** Ten characters that change when the meaning does. The order of keys means nothing. */
export function versionOf(meaning: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(meaning)))
    .digest('hex')
    .slice(0, 10);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isContent(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)])); // prettier-ignore
}
