import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attackTactics, owaspEntries } from './attack-ids.js';
import { readCaseFile, type RuleCase } from './case-file.js';
import { shippedRulesDir } from './shipped-rules.js';

const root = shippedRulesDir();
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => join(root, name));

interface Shipped {
  readonly folder: string;
  readonly name: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly fires: boolean;
}

const shipped = folders.flatMap((folder): Shipped[] =>
  parseAllDocuments(readFileSync(join(folder, 'rule.yml'), 'utf8')).map((document) => {
    const content = document.toJS() as Record<string, unknown>;
    const own = Object.keys(content['gatewatch'] ?? {}).filter((key) => key !== 'unless' && key !== 'when');
    return { folder, name: String(content['name']), content, fires: own.length > 0 };
  }),
);
const firing = shipped.filter(({ fires }) => fires);

const everyDocument = z.object({
  id: z.uuid(),
  name: z.string().regex(/^[a-z0-9]+(?:_[a-z0-9]+)*$/),
  title: z.string().max(110),
  description: z.string(),
  status: z.enum(['stable', 'test', 'experimental']),
  level: z.enum(['informational', 'low', 'medium', 'high', 'critical']),
  author: z.literal('Gatewatch'),
});
const firingDocument = everyDocument.extend({
  level: z.enum(['low', 'medium', 'high', 'critical']),
  references: z.array(z.url()).min(1),
  falsepositives: z.array(z.string()).min(1),
  tags: z.array(z.string()).min(1),
  gatewatch: z.object({ runbook: z.string().min(40), known_gaps: z.array(z.string()).min(1) }),
});

describe('every document of the shipped rules', () => {
  it.each(shipped)('$name has what a rule must have', ({ content, fires }) => {
    expect((fires ? firingDocument : everyDocument).safeParse(content).error?.issues ?? []).toEqual([]);
  });

  it('has an id and a name of its own', () => {
    expect(new Set(shipped.map(({ content }) => content['id'])).size).toBe(shipped.length);
    expect(new Set(shipped.map(({ name }) => name)).size).toBe(shipped.length);
  });

  it('lies in a folder that is named like one of its rules', () => {
    for (const folder of folders) {
      const names = shipped.filter((rule) => rule.folder === folder).map(({ name }) => name.replaceAll('_', '-'));
      expect(names).toContain(basename(folder));
    }
  });
});

describe('every rule that fires', () => {
  const tagsOf = ({ content }: Shipped): string[] => content['tags'] as string[];

  it.each(firing)('$name names an ATT&CK technique, a tactic and an entry of the OWASP API Security Top 10', (rule) => {
    expect(tagsOf(rule).some((tag) => /^attack\.t\d{4}(?:\.\d{3})?$/.test(tag))).toBe(true);
    expect(tagsOf(rule).some((tag) => /^attack\.(?!t\d)[a-z]+(?:-[a-z]+)*$/.test(tag))).toBe(true);
    expect(tagsOf(rule).some((tag) => /^owasp\.api(?:[1-9]|10)$/.test(tag))).toBe(true);
    expect(tagsOf(rule).filter((tag) => !/^(?:attack\.(?:t\d{4}(?:\.\d{3})?|[a-z-]+)|owasp\.api\d+|cve\.\d{4}-\d+)$/.test(tag))).toEqual(
      [],
    );
  });

  it.each(firing)('$name names ids that exist, with tactics that belong to its techniques', (rule) => {
    const techniques = tagsOf(rule).flatMap((tag) => /^attack\.(t\d.*)$/.exec(tag)?.[1] ?? []);
    const tactics = tagsOf(rule).flatMap((tag) => /^attack\.((?!t\d).*)$/.exec(tag)?.[1] ?? []);
    expect(techniques.filter((id) => !attackTactics[id])).toEqual([]);
    const possible = techniques.flatMap((id) => attackTactics[id] ?? []);
    expect(tactics.filter((tactic) => !possible.includes(tactic))).toEqual([]);
    expect(techniques.filter((id) => !attackTactics[id]?.some((tactic) => tactics.includes(tactic)))).toEqual([]);
    const entries = tagsOf(rule).flatMap((tag) => /^owasp\.(.*)$/.exec(tag)?.[1] ?? []);
    expect(entries.filter((entry) => !owaspEntries[entry])).toEqual([]);
  });

  it.each(firing)('$name refers to pages that exist', ({ content }) => {
    const references = content['references'] as string[];
    const pages = references.flatMap((url) => /owasp\.org\/API-Security\/editions\/2023\/en\/([^/]+)/.exec(url)?.[1] ?? []);
    expect(pages.filter((page) => !Object.values(owaspEntries).includes(page))).toEqual([]);
    const ids = references.flatMap((url) => /attack\.mitre\.org\/techniques\/(T[\d/]+?)\/?$/.exec(url)?.[1] ?? []);
    expect(ids.filter((id) => !attackTactics[id.toLowerCase().replace('/', '.')])).toEqual([]);
  });

  it.each(firing)('$name has a case that fires, one that stays quiet and a near miss', ({ name, folder }) => {
    const kinds = new Set(casesOf(folder).flatMap(({ about, kind }) => (about.includes(name) ? [kind] : [])));
    expect([...kinds].sort()).toEqual(['fires', 'near_miss', 'quiet']);
  });
});

function casesOf(folder: string): readonly RuleCase[] {
  const read = readCaseFile(readFileSync(join(folder, 'cases.yml'), 'utf8'));
  return 'cases' in read ? read.cases.cases : [];
}

it('finds the shipped rules beside the package manifest', () => {
  expect(basename(dirname(dirname(root)))).toBe('detection');
});
