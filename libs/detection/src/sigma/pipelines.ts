import { z } from 'zod';
import { isContent, kindOf, Place, readDocuments, type RuleFile } from './documents.js';
import { didYouMean } from './nearest.js';
import { readRuleFiles } from './read-rule-files.js';
import type { RuleProblem } from './rule.js';
import { packageFolder } from '../rule-cases/shipped-rules.js';

/** A field mapping for rules of some log sources, read from YAML: how the field names of a taxonomy are called in our events. */
export interface Pipeline {
  readonly name: string;
  /** Sigma's `taxonomy` that it translates from; `sigma` where the file does not say. */
  readonly taxonomy: string;
  /** Log sources it is for: one of these maps must be part of the rule's. Empty: all. */
  readonly logsources: readonly Readonly<Record<string, string>>[];
  /** Lower-case name in a rule → name in an event. */
  readonly fields: ReadonlyMap<string, string>;
  /** Field and value that every event of these rules must have, in names of the event. */
  readonly where: Readonly<Record<string, unknown>>;
}

const texts = z.record(z.string(), z.string());

/** A pipeline file: for `rules schema` and for reading. */
export const pipelineSchema = z.strictObject({
  name: z.string().describe('Shown where a rule was mapped.'),
  description: z.string().optional(),
  taxonomy: z.string().default('sigma').describe('The `taxonomy` of the rules it is for.'),
  logsources: z.array(texts).default([]).describe('It is for rules whose logsource has all keys of one of these; without any, for all.'),
  fields: texts.describe('Field in a rule → field in an event. Case does not count in the former.'),
  where: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .default({})
    .describe('A selection added to every rule, for example {event.dataset: okta.system}.'),
});

/** Reads pipeline files. Problems name file, line, place and remedy. */
export function readPipelines(files: readonly RuleFile[]): { pipelines: readonly Pipeline[]; problems: readonly RuleProblem[] } {
  const problems: RuleProblem[] = [];
  const pipelines = files.flatMap((file) => readDocuments(file, problems).flatMap((document) => readOne(document, problems) ?? []));
  return { pipelines, problems };
}

function readOne(document: ReturnType<typeof readDocuments>[number], problems: RuleProblem[]): Pipeline | undefined {
  const place = new Place(document, problems);
  const { content } = document;
  if (!isContent(content['fields'])) return place.fail(`'fields' is missing or ${kindOf(content['fields'])}: this is no field mapping`);
  const parsed = pipelineSchema.safeParse(content);
  if (parsed.success) {
    const { fields, ...rest } = parsed.data;
    return { ...rest, fields: new Map(Object.entries(fields).map(([from, to]) => [from.toLowerCase(), to])) };
  }
  for (const issue of parsed.error.issues) {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    if (issue.code !== 'unrecognized_keys') place.at(...path).fail(issue.message);
    else
      for (const key of issue.keys)
        place.at(...path, key).fail(`unknown key '${key}'${didYouMean(key, Object.keys(pipelineSchema.shape))}`);
  }
  return undefined;
}

/** Tells pipeline files from rule files that lie among them: a map `fields:` and nothing to detect. */
export function separatePipelines(files: readonly RuleFile[]): { rules: RuleFile[]; pipelines: RuleFile[] } {
  const isPipeline = ({ text }: RuleFile): boolean =>
    /^fields:[ ]*(?:#.*)?\r?\n[ ]+[^-\s]/m.test(text) && !/^(?:detection|correlation|filter):/m.test(text);
  return { rules: files.filter((file) => !isPipeline(file)), pipelines: files.filter(isPipeline) };
}

let shipped: readonly Pipeline[] | undefined;

/** The mappings that come with Gatewatch: Sigma's taxonomies to the fields of our events. */
export function shippedPipelines(): readonly Pipeline[] {
  return (shipped ??= readPipelines(readRuleFiles(packageFolder('libs/detection/src/sigma/pipelines'))).pipelines);
}

/** What a rule's field names are called in an event. */
export interface Mapping {
  /** Names of the pipelines that fit, for reports; empty where names stay as they are. */
  readonly pipelines: readonly string[];
  field(name: string): string;
  /** Whether some pipeline knows the name. */
  knows(name: string): boolean;
  readonly where: Readonly<Record<string, unknown>>;
}

/** Names stay as written. */
export const asWritten: Mapping = { pipelines: [], field: (name) => name, knows: () => false, where: {} };

/**
 * The mapping for a rule: of all pipelines that fit, the most specific log source first, then as given; each field is taken from the first that has it.
 * Rules of taxonomy `ecs` stay as written. Undefined: nothing is known of the taxonomy.
 */
export function mappingFor(
  { taxonomy, logsource }: { taxonomy: string; logsource: Readonly<Record<string, string>> },
  pipelines: readonly Pipeline[],
): Mapping | undefined {
  if (taxonomy === 'ecs') return asWritten;
  const ofTaxonomy = pipelines.filter((pipeline) => pipeline.taxonomy === taxonomy);
  if (ofTaxonomy.length === 0 && taxonomy !== 'sigma') return undefined;
  const fitting = ofTaxonomy
    .map((pipeline) => ({ pipeline, fit: fitOf(pipeline, logsource) }))
    .filter(({ fit }) => fit >= 0)
    .sort((one, other) => other.fit - one.fit)
    .map(({ pipeline }) => pipeline);
  if (fitting.length === 0) return asWritten;
  const find = (name: string): string | undefined => {
    for (const { fields } of fitting) {
      const found = fields.get(name.toLowerCase());
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    pipelines: fitting.map(({ name }) => name),
    field: (name) => find(name) ?? name,
    knows: (name) => find(name) !== undefined,
    where: Object.assign({}, ...fitting.map(({ where }) => where).reverse()) as Record<string, unknown>,
  };
}

/** How many keys of the log source are asked for; −1 where it does not fit. */
function fitOf({ logsources }: Pipeline, logsource: Readonly<Record<string, string>>): number {
  if (logsources.length === 0) return 0;
  const fits = logsources.filter((asked) =>
    Object.entries(asked).every(([key, value]) => logsource[key]?.toLowerCase() === value.toLowerCase()),
  );
  return Math.max(-1, ...fits.map((asked) => Object.keys(asked).length));
}
