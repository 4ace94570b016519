import { isContent, type Content, type RuleDocument } from './documents.js';
import { didYouMean } from './nearest.js';
import type { RuleProblem } from './rule.js';
import { sensitivityBlock, type RuleOverride, type RuleTuning, type Sensitivity } from './tuning.js';

/** Where problems of a tuning are reported: it has no lines of its own here. */
const tuningFile = 'detection';
/** Between the id of a rule and the number of the override that it is a variant of. */
export const variantMark = '~';

/** A rule is judged by a variant where this holds: for the rule itself these events do not count. */
export interface Carved {
  /** Id of the rule. */
  readonly rule: string;
  readonly when: Content;
}

export interface Tuned {
  readonly documents: readonly RuleDocument[];
  readonly carved: readonly Carved[];
}

/** Rule documents as a site wants them: sensitivity first, then overrides in their order. */
export function tune(documents: readonly RuleDocument[], tuning: RuleTuning, problems: RuleProblem[]): Tuned {
  return new Tuner(documents, problems).apply(tuning);
}

class Tuner {
  #documents: RuleDocument[];
  readonly #carved: Carved[] = [];

  constructor(
    documents: readonly RuleDocument[],
    private readonly problems: RuleProblem[],
  ) {
    this.#documents = [...documents];
  }

  apply({ sensitivity, overrides }: RuleTuning): Tuned {
    this.#documents = this.#documents.map((document) => this.#sensitive(document, sensitivity));
    overrides.forEach((override, i) => {
      for (const name of override.rule) this.#override(name, override, i);
    });
    return { documents: this.#documents, carved: this.#carved };
  }

  #override(name: string, override: RuleOverride, at: number): void {
    const target = this.#documents.find(({ content }) => isCalled(content, name));
    if (!target) {
      const known = this.#documents.flatMap(({ content }) => [content['name'], content['id']].filter((each) => typeof each === 'string'));
      this.#fail(`overrides[${at}].rule: no rule has the id or name '${name}'${didYouMean(name, known)}`);
    } else if (override.when) this.#vary(target, override, at + 1);
    else this.#replace(target, this.#changed(target, override));
  }

  /** A variant of a rule for some events: it and all that it reads once more, for these events alone. */
  #vary(target: RuleDocument, override: RuleOverride, number: number): void {
    const when = override.when!;
    const needed = [...this.#behind(target)];
    const marked = (name: unknown): string => `${String(name)}${variantMark}${number}`;
    const idOf = ({ content }: RuleDocument): unknown => content['id'] ?? content['name'];
    for (const each of needed) {
      const { correlation, detection } = each.content;
      const content: Record<string, unknown> = { ...each.content, id: marked(idOf(each)) };
      if (isContent(detection)) content['detection'] = scoped(detection, when);
      if (isContent(correlation)) {
        const read = (name: string): string => marked(idOf(this.#find(name, each)!));
        content['correlation'] = { ...correlation, rules: texts(correlation['rules']).map(read), ...aliases(correlation, read) };
      }
      const copy = { ...each, content };
      this.#documents.push(each === target ? this.#changed(copy, override) : copy);
    }
    this.#carved.push({ rule: String(idOf(target)), when });
  }

  /** A rule and all that it reads. */
  #behind(document: RuleDocument, found = new Set<RuleDocument>()): Set<RuleDocument> {
    if (found.has(document)) return found;
    found.add(document);
    const { correlation } = document.content;
    for (const name of isContent(correlation) ? texts(correlation['rules']) : []) {
      const input = this.#find(name, document);
      if (input) this.#behind(input, found);
    }
    return found;
  }

  #find(name: string, { file }: RuleDocument): RuleDocument | undefined {
    const called = this.#documents.filter(({ content }) => isCalled(content, name));
    return called.find((document) => document.file === file) ?? called[0];
  }

  #changed(document: RuleDocument, { sensitivity, rule: _, when: __, settings, ...own }: RuleOverride): RuleDocument {
    const eager = sensitivity === undefined ? document : this.#sensitive(document, sensitivity);
    return { ...eager, content: changed(eager.content, { ...settings, ...own }) };
  }

  #sensitive(document: RuleDocument, sensitivity: Sensitivity): RuleDocument {
    const { gatewatch } = document.content;
    const blocks = isContent(gatewatch) ? gatewatch['sensitivity'] : undefined;
    const block = isContent(blocks) ? sensitivityBlock.safeParse(blocks[sensitivity]) : undefined;
    return block?.success ? { ...document, content: changed(document.content, block.data) } : document;
  }

  #replace(old: RuleDocument, by: RuleDocument): void {
    this.#documents[this.#documents.indexOf(old)] = by;
  }

  #fail(message: string): void {
    this.problems.push({ file: tuningFile, line: 0, message });
  }
}

function isCalled(content: Content, name: string): boolean {
  return content['id'] === name || (content['name'] === name && !String(content['id']).includes(variantMark));
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? (value as unknown[]) : [value]).filter((item) => typeof item === 'string');
}

function aliases({ aliases: given }: Content, read: (name: string) => string): Content {
  if (!isContent(given)) return {};
  const renamed = Object.entries(given).map(([alias, fields]) => [
    alias,
    isContent(fields) ? Object.fromEntries(Object.entries(fields).map(([rule, field]) => [read(rule), field])) : fields,
  ]);
  return { aliases: Object.fromEntries(renamed) as Content };
}

/** A detection that matches only where `when` holds as well. */
function scoped(detection: Content, when: Content): Content {
  const { condition } = detection;
  const conditions = (Array.isArray(condition) ? (condition as unknown[]) : [condition]).map(
    (text) => `(${String(text)}) and variant_scope`,
  );
  return { ...detection, variant_scope: when, condition: conditions.length === 1 ? conditions[0] : conditions };
}

function changed(content: Content, { enabled, level, timespan, gte, ...settings }: Content): Content {
  const { correlation, gatewatch } = content;
  const own = isContent(gatewatch) ? gatewatch : {};
  const result: Record<string, unknown> = { ...content };
  if (level !== undefined) result['level'] = level;
  const gives = { ...own, ...(enabled !== undefined && { enabled }) };
  if (isContent(correlation)) {
    const { gt: _, ...criteria } = isContent(correlation['condition']) ? correlation['condition'] : {};
    result['correlation'] = {
      ...correlation,
      ...settings,
      ...(timespan !== undefined && { timespan }),
      ...(gte !== undefined && { condition: { ...criteria, gte } }),
    };
    if (enabled !== undefined) result['gatewatch'] = gives;
  } else if (enabled !== undefined || timespan !== undefined)
    result['gatewatch'] = { ...gives, ...(timespan !== undefined && { timespan }) };
  return result;
}
