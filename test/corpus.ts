import { parseAllDocuments } from 'yaml';

/** A kind of thing that one adds by adding a folder. */
export interface Kind {
  readonly what: string;
  readonly folder: string;
  /** The list that every folder must be named in; none where the folder is data. */
  readonly list?: string;
  /** What the folder `name` must hold: a path, or a test over its file names. */
  parts(name: string): readonly (string | Part)[];
}

export interface Part {
  readonly what: string;
  isThere(files: readonly string[]): boolean;
}

const golden: Part = {
  what: 'fixtures/*.log, each with its *.expected.ndjson',
  isThere: (files) => {
    const logs = files.filter((file) => /^fixtures\/.+\.log$/.test(file));
    return logs.length > 0 && logs.every((file) => files.includes(file.replace(/\.log$/, '.expected.ndjson')));
  },
};

const goldenMessage: Part = {
  what: 'a golden message (*.expected.*)',
  isThere: (files) => files.some((file) => /\.expected\.\w+$/.test(file)),
};

const coded = (name: string): string[] => [`${name}.ts`, `${name}.spec.ts`, 'README.md'];

export const kinds: readonly Kind[] = [
  {
    what: 'log format',
    folder: 'libs/ingest/src/formats',
    list: 'formats.ts',
    parts: (name) => [`${name}.ts`, 'README.md', golden],
  },
  {
    what: 'vendor record',
    folder: 'libs/ingest/src/formats/json/records',
    list: 'records.ts',
    parts: (name) => [`${name}.ts`, 'README.md', golden],
  },
  { what: 'enricher', folder: 'libs/ingest/src/enrichers', list: 'enrichers.ts', parts: coded },
  { what: 'rule type', folder: 'libs/detection/src/rule-types', list: 'rule-types.ts', parts: coded },
  { what: 'shipped rule', folder: 'libs/detection/src/rules', parts: () => ['rule.yml', 'cases.yml'] },
  {
    what: 'channel',
    folder: 'libs/alerting/src/channels',
    list: 'channels.ts',
    parts: (name) => [...coded(name), 'config.ts', goldenMessage],
  },
];

/** Parts of a kind that a folder with these files (paths from the folder) lacks. */
export function missingParts(kind: Kind, name: string, files: readonly string[]): string[] {
  return kind
    .parts(name)
    .filter((part) => (typeof part === 'string' ? !files.includes(part) : !part.isThere(files)))
    .map((part) => (typeof part === 'string' ? part : part.what));
}

/** Whether a list imports the folder's main file. */
export function isListed(name: string, list: string): boolean {
  return list.includes(`'./${name}/${name}.js'`);
}

interface RuleDocument {
  readonly title?: unknown;
  readonly id?: unknown;
  readonly name?: unknown;
  readonly description?: unknown;
  readonly author?: unknown;
  readonly level?: unknown;
  readonly tags?: unknown;
  readonly falsepositives?: unknown;
  readonly correlation?: { readonly rules?: unknown; readonly generate?: unknown };
  readonly gatewatch?: Readonly<Record<string, unknown>>;
}

export interface RuleFile {
  readonly file: string;
  readonly text: string;
}

/** What shipped rules lack, over all of them: identity, and for each that can reach a person what that person needs. */
export function lackingInRules(files: readonly RuleFile[]): string[] {
  const rules = files.flatMap(({ file, text }) =>
    parseAllDocuments(text).map((document) => ({ file, rule: (document.toJS() ?? {}) as RuleDocument })),
  );
  const inputs = rules.map(({ rule }) => rule.correlation).filter((correlation) => correlation && correlation.generate !== true);
  const gates = rules.flatMap(({ rule }) => strings([rule.gatewatch?.['unless'], rule.gatewatch?.['when']]));
  const silent = new Set([...inputs.flatMap((correlation) => strings(correlation?.rules)), ...gates]);
  const seen = new Map<unknown, string>();
  const lacks: string[] = [];
  for (const { file, rule } of rules) {
    const label = `${file}: ${text(rule.title) ?? 'a document without title'}`;
    for (const key of [rule.id, rule.name]) {
      if (key === undefined) lacks.push(`${label}: has no ${key === rule.id ? 'id' : 'name'}`);
      else if (seen.has(key)) lacks.push(`${label}: ${text(key)} is taken by ${seen.get(key)}`);
      else seen.set(key, label);
    }
    const reachesPeople = !silent.has(text(rule.id) ?? '') && !silent.has(text(rule.name) ?? '');
    if (reachesPeople) lacks.push(...needsOf(rule).map((need) => `${label}: has no ${need}`));
  }
  return lacks;
}

function needsOf(rule: RuleDocument): string[] {
  const tags = strings(rule.tags);
  const needs: Record<string, boolean> = {
    description: !!text(rule.description),
    author: !!text(rule.author),
    level: ['informational', 'low', 'medium', 'high', 'critical'].includes(text(rule.level) ?? ''),
    'ATT&CK technique among its tags': tags.some((tag) => /^attack\.t\d{4}(\.\d{3})?$/.test(tag)),
    'OWASP API Top 10 tag': tags.some((tag) => /^owasp\.api\d+$/.test(tag)),
    'false positives': strings(rule.falsepositives).length > 0,
    runbook: !!text(rule.gatewatch?.['runbook']),
    'known gaps': strings(rule.gatewatch?.['known_gaps']).length > 0,
  };
  return Object.keys(needs).filter((need) => !needs[need]);
}

const caseKinds = ['fires', 'quiet', 'near_miss'];

/** Kinds of cases that a rule's `cases.yml` has none of: a rule that was never seen to stay quiet proves little. */
export function missingCases(cases: string): string[] {
  const [document] = parseAllDocuments(cases);
  const file = document?.toJS() as { cases?: unknown } | null | undefined;
  const given = Array.isArray(file?.cases) ? file.cases.map((each: unknown) => (each as { kind?: unknown } | null)?.kind) : [];
  return caseKinds.filter((kind) => !given.includes(kind));
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
