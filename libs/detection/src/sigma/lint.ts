import { fields } from '#ecs';
import { isContent, Place, readDocuments, show, type RuleDocument, type RuleFile } from './documents.js';
import { techniqueProblem } from './attack-techniques.js';
import { unusedSelections } from './detection.js';
import { didYouMean } from './nearest.js';
import { readLogsource } from './own-keys.js';
import { asWritten, mappingFor, shippedPipelines } from './pipelines.js';
import type { RuleProblem, RuleSet } from './rule.js';

export interface LintOptions {
  /** Further fields that events have: those of the user's own formats. */
  readonly knownFields?: readonly string[];
  /** Whether names of Sigma's taxonomies are translated before they are looked for. */
  readonly mapped?: boolean;
}

/**
 * What is not wrong with rules but will be regretted: ids and tags nobody can follow, fields that no event has, tests that every event pays for. Of rules
 * that loaded; in the order of files and lines.
 */
export function lintRules(
  files: readonly RuleFile[],
  rules: RuleSet,
  { knownFields = [], mapped = false }: LintOptions = {},
): RuleProblem[] {
  const warnings: RuleProblem[] = [];
  for (const file of files) {
    for (const document of readDocuments(file, [])) {
      const place = new Place(document, warnings);
      lintHeading(document, place);
      lintRegexes(document, place);
      lintUnused(document, place);
    }
  }
  lintCost(rules, warnings);
  const known = new Set([...fields.map(({ name }) => name), ...knownFields]);
  for (const file of files)
    for (const document of readDocuments(file, [])) lintFields(document, { known, mapped }, new Place(document, warnings));
  return warnings.sort((one, other) => (one.file < other.file ? -1 : one.file > other.file ? 1 : one.line - other.line));
}

const uuid = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;
const statuses = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'];
/** ATT&CK for Enterprise 18 (October 2025), https://attack.mitre.org/tactics/enterprise/, and `stealth` with `defense-impairment`, which Sigma rules use since 2026. */
const tactics =
  'reconnaissance resource-development initial-access execution persistence privilege-escalation defense-evasion stealth defense-impairment credential-access discovery lateral-movement collection command-and-control exfiltration impact'.split(
    ' ',
  );

function lintHeading({ content }: RuleDocument, place: Place): void {
  const { id, status, tags } = content;
  if (id === undefined)
    place.fail(`'id' is missing: without one the rule is known by its name or file, and signals change their ids with these`);
  else if (typeof id !== 'string' || !uuid.test(id)) place.at('id').fail(`${show(id)} is no UUID: another rule may take the same id`);
  if (status !== undefined && !statuses.some((known) => known === status))
    place
      .at('status')
      .fail(`unknown status ${show(status)}${didYouMean(show(status), statuses) || `, expected one of ${statuses.join(', ')}`}`);
  if (Array.isArray(tags)) (tags as unknown[]).forEach((tag, i) => lintTag(String(tag), place.at('tags', i)));
}

function lintTag(tag: string, place: Place): void {
  const [namespace = '', name = ''] = tag.split(/\.(.*)/s);
  if (!/^[a-z\d_-]+(?:\.[a-z\d_.-]+)+$/.test(tag)) place.fail(`tag ${show(tag)} has not the form namespace.name in lower case`);
  else if (namespace === 'attack') lintAttack(tag, name, place);
  else if (namespace === 'owasp' && !/^api(?:[1-9]|10)(?:[.-]20(?:19|23))?$/.test(name))
    place.fail(`tag ${show(tag)} is none of owasp.api1 to owasp.api10, with .2019 or .2023 behind it where the edition matters`);
  else if (namespace === 'cve' && !/^\d{4}[.-]\d{4,}$/.test(name)) place.fail(`tag ${show(tag)} is no CVE, expected cve.2026-12345`);
}

function lintAttack(tag: string, name: string, place: Place): void {
  if (/^t\d{4}(?:\.\d{3})?$/.test(name)) {
    const problem = techniqueProblem(name);
    if (problem) place.fail(`tag ${show(tag)} ${problem}`);
  } else if (!/^[gs]\d{4}$/.test(name) && !tactics.includes(name.replaceAll('_', '-')))
    place.fail(
      `tag ${show(tag)} is no tactic, technique (attack.t1110 or attack.t1110.001), group or software of ATT&CK${didYouMean(name, tactics)}`,
    );
}

/** Calls `use` with every `field|modifiers: value` of a detection. */
function eachTest(document: RuleDocument, use: (key: string, value: unknown, at: readonly (string | number)[]) => void): void {
  for (const section of ['detection', 'filter']) {
    const selections = document.content[section];
    if (!isContent(selections)) continue;
    for (const [name, selection] of Object.entries(selections)) {
      const items = Array.isArray(selection) ? (selection as unknown[]) : [selection];
      items.forEach((item, i) => {
        if (!isContent(item)) return;
        for (const [key, value] of Object.entries(item)) use(key, value, [section, name, ...(Array.isArray(selection) ? [i] : []), key]);
      });
    }
  }
}

function lintUnused(document: RuleDocument, place: Place): void {
  for (const section of ['detection', 'filter']) {
    const content = document.content[section];
    if (!isContent(content)) continue;
    const { rules: _, ...selections } = content;
    for (const name of unusedSelections(section === 'filter' ? selections : content, new Place(document, [])))
      place
        .at(section, name)
        .fail(`selection '${name}' is not used by the condition, so it decides nothing (a name that begins with _ may be unused)`);
  }
}

function lintRegexes(document: RuleDocument, place: Place): void {
  eachTest(document, (key, value, at) => {
    if (!key.split('|').includes('re')) return;
    for (const source of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const why = expensive(String(source));
      if (why) place.at(...at).fail(`the regular expression ${show(source)} ${why}`);
    }
  });
}

/** Expressions run in linear time here; what remains is what each character costs, and engines where they do not. */
function expensive(source: string): string | undefined {
  if (/\((?:[^()\\]|\\.)*(?:[+*]|\{\d+,\})\)(?:[+*]|\{\d+,\})/.test(source))
    return 'repeats a repetition: in engines that backtrack it can run away';
  const counted = /\{(\d+)(?:,(\d*))?\}/g;
  for (const [, least, most] of source.matchAll(counted))
    if (Math.max(Number(least), Number(most ?? 0)) > 200) return 'counts above 200: it is copied as often';
  if (source.length > 2000) return `has ${source.length} characters: write a list of contains, which is found in one walk`;
  if (/^(?:\.\*)/.test(source)) return `begins with .*, which changes nothing: it is searched anywhere in the text`;
  return undefined;
}

function lintFields(document: RuleDocument, { known, mapped }: { known: ReadonlySet<string>; mapped: boolean }, place: Place): void {
  const logsource = readLogsource(document.content['logsource'], new Place(document, []));
  const taxonomy = typeof document.content['taxonomy'] === 'string' ? document.content['taxonomy'] : 'sigma';
  const mapping = (mapped && mappingFor({ taxonomy, logsource }, shippedPipelines())) || asWritten;
  eachTest(document, (key, _value, at) => {
    const field = mapping.field(key.split('|')[0]!);
    if (field === '' || known.has(field) || field.startsWith('labels.')) return;
    place.at(...at).fail(`no event of Gatewatch's own formats has the field '${field}'${didYouMean(field, known)}`);
  });
}

function lintCost({ detections, matcher }: RuleSet, warnings: RuleProblem[]): void {
  for (const at of matcher.unindexed ?? []) {
    const { origin } = detections[at]!;
    warnings.push({
      ...origin,
      message: `every event is tested: the condition can be true without any equality, startswith, contains or endswith of a field`,
    });
  }
}
