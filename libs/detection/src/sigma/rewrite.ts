import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Pair, type YAMLMap } from 'yaml';
import type { RuleFile } from './documents.js';
import { mappingFor, type Mapping, type Pipeline } from './pipelines.js';
import type { CorrelationRule, RuleSet } from './rule.js';

/** A rule file in other field names. */
export interface Rewritten {
  readonly text: string;
  /** Names of the pipelines that were applied. */
  readonly pipelines: readonly string[];
  /** Fields that no pipeline knows; they stay as they are. */
  readonly unknown: readonly string[];
}

/**
 * A rule file with the field mapping written into it and `taxonomy: ecs`, everything else (comments, author, licence) as it is. For files that loaded without
 * a problem, with the rules that they gave; a file of taxonomy `ecs`, or for which there is no mapping, comes back unchanged.
 */
export function rewriteRules({ file, text }: RuleFile, rules: RuleSet, pipelines: readonly Pipeline[]): Rewritten {
  const parsed = parseAllDocuments(text);
  if (!Array.isArray(parsed)) return { text, pipelines: [], unknown: [] };
  const applied = new Set<string>();
  const unknown = new Set<string>();
  const shared = parsed.some((document) => document.has('action'));
  const correlations = rules.correlations.filter(({ origin }) => origin.file === file);
  for (const document of shared ? [] : parsed) {
    const content = (document.toJS() ?? {}) as Record<string, unknown>;
    const rule = correlations.find((one) => one.rule.id === content['id'] || one.rule.title === content['title']);
    if (document.has('correlation') && rule) {
      if (renameGroups(document, rule)) applied.add('by inputs');
      continue;
    }
    const mapping = mappingFor(
      { taxonomy: (content['taxonomy'] as string | undefined) ?? 'sigma', logsource: logsourceOf(content) },
      pipelines,
    );
    if (!mapping?.pipelines.length) continue;
    for (const name of mapping.pipelines) applied.add(name);
    for (const section of ['detection', 'filter']) {
      const node = document.get(section, true);
      if (isMap(node)) renameSection(node, mapping, unknown);
    }
    addWhere(document, mapping);
    document.set('taxonomy', 'ecs');
  }
  if (applied.size === 0) return { text, pipelines: [], unknown: [] };
  return { text: parsed.map(String).join(''), pipelines: [...applied], unknown: [...unknown] };
}

function logsourceOf(content: Record<string, unknown>): Record<string, string> {
  const given = (content['logsource'] ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(given).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])));
}

function renameSection(section: YAMLMap, mapping: Mapping, unknown: Set<string>): void {
  for (const { key, value } of section.items) {
    if (isScalar(key) && ['condition', 'timeframe', 'rules'].includes(String(key.value))) continue;
    for (const item of isSeq(value) ? value.items : [value]) {
      if (isMap(item)) for (const pair of item.items) renamePair(pair, mapping, unknown);
    }
  }
}

function renamePair({ key, value }: Pair, mapping: Mapping, unknown: Set<string>): void {
  if (!isScalar(key)) return;
  const [field = '', ...modifiers] = String(key.value).split('|');
  if (field === '') return;
  if (!mapping.knows(field)) unknown.add(field);
  key.value = [mapping.field(field), ...modifiers].join('|');
  if (!modifiers.includes('fieldref')) return;
  for (const item of isSeq(value) ? value.items : [value]) {
    if (isScalar(item) && !isAlias(item)) item.value = mapping.field(String(item.value));
  }
}

const whereName = '_source';

/** What the pipeline asks of every event becomes a selection of its own. */
function addWhere(document: Document, { where }: Mapping): void {
  const detection = document.get('detection', true);
  if (!isMap(detection) || Object.keys(where).length === 0) return;
  const condition: unknown = (detection.toJSON() as Record<string, unknown>)['condition'];
  const narrowed = (one: unknown): string => `${whereName} and (${String(one)})`;
  detection.set('condition', document.createNode(Array.isArray(condition) ? condition.map(narrowed) : narrowed(condition)));
  detection.set(whereName, document.createNode(where));
}

/** Group names as the loader resolved them; where inputs differ, an alias says so. */
function renameGroups(document: Document, { groupBy, inputs, fieldOf, field }: CorrelationRule): boolean {
  const before = String(document);
  if (document.hasIn(['correlation', 'group-by'])) document.setIn(['correlation', 'group-by'], document.createNode(groupBy));
  if (field !== undefined) document.setIn(['correlation', 'condition', 'field'], field);
  const rules = (document.toJS() as { correlation: { rules: string | string[] } }).correlation.rules;
  const names = Array.isArray(rules) ? rules : [rules];
  for (const group of groupBy) {
    const aliased = inputs.map((input) => fieldOf(group, input));
    if (aliased.every((name) => name === group)) continue;
    document.setIn(['correlation', 'aliases', group], document.createNode(Object.fromEntries(names.map((name, i) => [name, aliased[i]]))));
  }
  return String(document) !== before;
}
