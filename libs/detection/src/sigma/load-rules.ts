import { slipFor } from './nearest.js';
import { compileMatcher } from './matcher.js';
import { asks, readCorrelation } from './correlation.js';
import type { CorrelationSection, RuleTypeShapes } from './correlation-section.js';
import { compileDetection, oktaFilter } from './detection.js';
import { isContent, kindOf, Place, readDocuments, type Content, type RuleDocument, type RuleFile } from './documents.js';
import { all, type Expression } from './expression.js';
import { compileField, type Scope } from './field-test.js';
import type { CorrelationRule, DetectionRule, RuleProblem, RuleSet } from './rule.js';
import { readHeading, readText, readTexts, versionOf, type Heading } from './signal-rule.js';
import { readLogsource, readOwn } from './own-keys.js';
import { isGate, namedAt, readGate, withGate, type GateSection } from './gate.js';
import type { SlotIndex } from '../detection.js';
import { asWritten, mappingFor, type Mapping, type Pipeline } from './pipelines.js';
import { GroupNames } from './group-names.js';
import { orderByInputs } from './rule-order.js';
import { RuleNames } from './rule-names.js';
import { exemptDetection, exemption, readExempt, type Exempt } from './exempt.js';
import { tune, variantMark } from './tune.js';
import type { RuleTuning } from './tuning.js';

export interface LoadOptions {
  /** Gives fields their places; the matcher reads values by them. */
  readonly index: SlotIndex;
  /** Correlation types by name. */
  readonly ruleTypes: RuleTypeShapes;
  /** Name in a rule → name in the event, for rules of another taxonomy. Applies to detections, group-by and aliases alike. */
  readonly fieldMap?: (name: string) => string;
  /**
   * Field mappings by log source and taxonomy, for events in our own field names. Left out, names stay as rules write them: for `match` over a vendor's
   * own documents.
   */
  readonly pipelines?: readonly Pipeline[];
  /** Values of `%name%` for the `expand` modifier. */
  readonly placeholders?: Readonly<Record<string, readonly string[]>>;
  /** How rules are adjusted to a site. */
  readonly tuning?: RuleTuning;
}

export interface LoadedRules {
  /** The rules without problems. */
  readonly rules: RuleSet;
  /** Everything that is wrong, in the order of files and lines. A host that wants all or nothing stops when this is not empty. */
  readonly problems: readonly RuleProblem[];
}

/** Pseudo-field in which a reader of documents puts every text when `Matcher.readsAllText`. */
export const allText = '*';

interface Draft {
  readonly document: RuleDocument;
  readonly place: Place;
  readonly heading: Heading;
}
interface DetectionDraft extends Draft {
  expression: Expression;
  readonly mapping: Mapping;
  readonly logsource: Readonly<Record<string, string>>;
  readonly episode: DetectionRule['episode'];
  meaning: unknown;
}
interface CorrelationDraft extends Draft {
  readonly section: CorrelationSection;
  readonly gate?: GateSection | undefined;
}

/** Reads rules together: detections are compiled into one matcher, correlations resolved against them. Never throws for what a file says. */
export function loadRules(files: readonly RuleFile[], options: LoadOptions): LoadedRules {
  return new RuleLoader(options).load(files);
}

class RuleLoader {
  private readonly problems: RuleProblem[] = [];
  private readonly fields = new Set<string>();
  private readonly detections: DetectionDraft[] = [];
  private readonly correlations: CorrelationDraft[] = [];
  /** Every document, also those with problems: a correlation must not complain about a rule that is there. */
  private readonly known = new RuleNames();
  private readonly mapped: Mapping;
  /** Rules that give no signals, whoever refers to them. */
  private readonly disabled = new Set<string>();

  constructor(private readonly options: LoadOptions) {
    this.mapped = options.fieldMap ? { ...asWritten, field: options.fieldMap } : asWritten;
  }

  private scope(mapping: Mapping, renamed?: Record<string, string>): Scope {
    return {
      placeholders: this.options.placeholders ?? {},
      slotOf: (name) => {
        const field = mapping.field(name);
        if (renamed && field !== name) renamed[name] = field;
        this.fields.add(field);
        return this.options.index.slot(field);
      },
    };
  }

  private mappingOf(content: Content, logsource: Readonly<Record<string, string>>, place: Place): Mapping {
    const { pipelines } = this.options;
    const taxonomy = readText(content['taxonomy'], place.at('taxonomy')) ?? 'sigma';
    if (!pipelines) return this.mapped;
    const mapping = mappingFor({ taxonomy, logsource }, pipelines);
    if (!mapping) place.at('taxonomy').fail(`taxonomy '${taxonomy}' is unknown: give a pipeline with \`taxonomy: ${taxonomy}\``);
    return mapping ?? asWritten;
  }

  /** The rule's own condition, and what its log source asks of every event. */
  private compile(detection: Content, mapping: Mapping, renamed: Record<string, string>, place: Place): Expression | undefined {
    const expression = compileDetection(detection, this.scope(mapping, renamed), place);
    Object.assign(renamed, mapping.where);
    const where = Object.entries(mapping.where).map(([field, value]) => compileField(field, value, this.scope(asWritten), place));
    return expression && !where.includes(undefined) ? all([...(where as Expression[]), expression]) : undefined;
  }

  load(files: readonly RuleFile[]): LoadedRules {
    const filters: { document: RuleDocument; place: Place }[] = [];
    const read = files.flatMap((file) => readDocuments(file, this.problems));
    const { tuning } = this.options;
    const { documents, carved } = tuning ? tune(read, tuning, this.problems) : { documents: read, carved: [] };
    for (const document of documents) {
      const place = new Place(document, this.problems);
      if (document.content['filter'] !== undefined) filters.push({ document, place });
      else this.readRule(document, place);
    }
    for (const { document, place } of filters) this.applyFilter(document, place);
    const sound = this.soundCorrelations();
    const exempt = readExempt(tuning?.exceptions ?? [], carved, {
      compile: (when, place) => compileDetection({ when, condition: 'when' }, this.scope(asWritten), place),
      problems: this.problems,
    });
    const rules = this.resolve(sound, exempt);
    this.problems.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
    return { rules, problems: this.problems };
  }

  private readRule(document: RuleDocument, place: Place): void {
    const before = this.problems.length;
    const { content } = document;
    const heading = readHeading(document, place);
    const isVariant = heading.id.includes(variantMark);
    const twice = this.known.add(document.file, heading.id, isVariant ? undefined : heading.name);
    if (twice) place.at(twice).fail(`${twice} '${heading[twice]}' is there twice`);
    const draft = { document, place, heading };
    if (content['correlation'] !== undefined) {
      const section = readCorrelation(content, this.options.ruleTypes, place);
      if (readOwn(content['gatewatch'], place).enabled === false) this.disabled.add(heading.id);
      const gate = readGate(content['gatewatch'], place);
      if (section && this.problems.length === before) this.correlations.push({ ...draft, section: withGate(section, gate), gate });
      return;
    }
    const detection = content['detection'];
    if (detection === undefined)
      return place.fail(`neither 'detection', 'correlation' nor 'filter' is there${slipFor('detection', Object.keys(content))}`);
    if (!isContent(detection)) return place.at('detection').fail(`expected a map of selections, got ${kindOf(detection)}`);
    const implied = oktaFilter(detection) === undefined ? undefined : { product: 'okta', service: 'okta' };
    const logsource = readLogsource(content['logsource'] ?? implied, place.at('logsource'));
    const mapping = this.mappingOf(content, logsource, place);
    const renamed: Record<string, string> = {};
    const expression = this.compile(detection, mapping, renamed, place.at('detection'));
    const { enabled, ...episode } = readOwn(content['gatewatch'], place);
    if (enabled === false) this.disabled.add(heading.id);
    // Not named where there is none, so that a rule's version is the one it has always had.
    const meaning = { detection, episode, ...(Object.keys(renamed).length > 0 && { renamed }) };
    if (expression && this.problems.length === before) this.detections.push({ ...draft, expression, mapping, logsource, episode, meaning });
  }

  /** A filter's condition is added with `and` to the rules that it names, or to all of its log source. */
  private applyFilter(document: RuleDocument, place: Place): void {
    const filter = document.content['filter'];
    if (!isContent(filter)) return place.at('filter').fail(`expected a map, got ${kindOf(filter)}`);
    const { rules: named, ...detection } = filter;
    const logsource = readLogsource(document.content['logsource'], place.at('logsource'));
    const expression = compileDetection(detection, this.scope(this.mappingOf(document.content, logsource, place)), place.at('filter'));
    const names = named === undefined || named === 'any' ? undefined : readTexts(named, place.at('filter', 'rules'));
    const ids = names?.map((name) => this.known.find(name, place.at('filter', 'rules')));
    if (!expression) return;
    for (const rule of this.detections) {
      if (ids && !ids.includes(rule.heading.id.split(variantMark)[0])) continue;
      if (!Object.entries(logsource).every(([key, value]) => rule.logsource[key] === value)) continue;
      rule.expression = all([rule.expression, expression]);
      rule.meaning = { rule: rule.meaning, filter: detection };
    }
  }

  /** Correlations whose inputs are all there and sound, in an order in which inputs come first. */
  private soundCorrelations(): { draft: CorrelationDraft; inputs: string[] }[] {
    const linked = this.correlations.flatMap((draft) => {
      const { gate, section, place } = draft;
      const inputs = section.rules.map((name, i) => this.known.find(name, namedAt(i, draft)));
      const read = inputs.map((id) => this.correlations.find(({ heading }) => heading.id === id)?.section);
      if (gate && !inputs.includes(undefined) && !isGate(section, { gate, read, types: this.options.ruleTypes }, place)) return [];
      return inputs.includes(undefined) ? [] : [{ id: draft.heading.id, draft, inputs: inputs as string[] }];
    });
    const { ordered, cycles } = orderByInputs(linked, new Set(this.detections.map(({ heading }) => heading.id)));
    for (const cycle of cycles) {
      const first = linked.find(({ id }) => id === cycle[0])!;
      first.draft.place.at('correlation', 'rules').fail(`rules refer to each other in a circle: ${[...cycle, cycle[0]].join(' → ')}`);
    }
    const circular = new Set(cycles.flat());
    for (const { id, draft, inputs } of linked) {
      const broken = inputs.find(
        (input) => !ordered.some((rule) => rule.id === input) && !this.detections.some(({ heading }) => heading.id === input),
      );
      if (broken !== undefined && !circular.has(id))
        draft.place.at('correlation', 'rules').fail(`rule '${broken}', which this one reads, has problems itself`);
    }
    return ordered;
  }

  /** Field names of a correlation are those of the events behind its first input. */
  private mappingBehind(id: string): Mapping {
    for (let at: string | undefined = id; at !== undefined;) {
      const detection = this.detections.find(({ heading }) => heading.id === at);
      if (detection) return detection.mapping;
      const correlation = this.correlations.find(({ heading }) => heading.id === at);
      at = correlation && this.known.find(correlation.section.rules[0]!, correlation.place);
    }
    return asWritten;
  }

  private resolve(correlations: readonly { draft: CorrelationDraft; inputs: string[] }[], exempt: readonly Exempt[]): RuleSet {
    const generatedBy = new Map<string, boolean>();
    for (const { draft, inputs } of correlations) {
      for (const input of inputs) generatedBy.set(input, (generatedBy.get(input) ?? false) || draft.section.generate);
    }
    const generates = (id: string): boolean => !this.disabled.has(id) && (generatedBy.get(id) ?? true);
    const versions = new Map<string, string>();
    const detections = this.detections.map((draft): DetectionRule => {
      const version = versionOf(draft.meaning);
      versions.set(draft.heading.id, version);
      const rule = { ...draft.heading, version, type: 'detection', asks: 'one match' };
      const groupBy = draft.episode.groupBy.map(draft.mapping.field);
      return {
        kind: 'detection',
        rule,
        origin: originOf(draft),
        logsource: draft.logsource,
        generates: generates(rule.id),
        episode: { ...draft.episode, groupBy },
      };
    });
    const names = [...this.fields];
    const expressions = [...this.detections.map(({ expression }) => expression), ...exempt.map(({ expression }) => expression)];
    const matcher = compileMatcher(expressions, { names, textSlot: hasKeywords(expressions) ? this.options.index.slot(allText) : -1 });
    const found = correlations.map((one) => this.correlationRule(one, versions, generates(one.draft.heading.id)));
    // A rule that is off and that nothing reads need not be computed.
    const read = new Set(found.flatMap(({ inputs }) => inputs));
    const needed = found.filter(({ rule }) => !this.disabled.has(rule.id) || read.has(rule.id));
    const all = { detections: [...detections, ...exempt.map(exemptDetection)], correlations: needed, matcher };
    const exemptions = exempt.map((one, i) => exemption(one, detections.length + i, { rules: all, problems: this.problems }));
    return exemptions.length ? { ...all, exemptions } : all;
  }

  private correlationRule(
    { draft, inputs }: { draft: CorrelationDraft; inputs: string[] },
    versions: Map<string, string>,
    generates: boolean,
  ): CorrelationRule {
    const { section, heading, gate } = draft;
    const { type, timespan, threshold, field, otherFields, settings, groupBy } = section;
    const read = [...(field === undefined ? [] : [field]), ...(otherFields ?? [])];
    const names = new GroupNames(section, {
      idOf: (name) => this.known.find(name, draft.place),
      mappingOf: (id) => this.mappingBehind(id),
      inputs,
    });
    const version = versionOf({ ...section, rules: inputs.map((id) => versions.get(id)), ...(gate && { gate: gate.key }) });
    versions.set(heading.id, version);
    for (const differing of read.flatMap((name) => names.differing(name) ?? []))
      draft.place.at('correlation', 'condition', 'field').fail(differing);
    return {
      kind: 'correlation',
      rule: { ...heading, version, type, asks: asks(section, gate) },
      origin: originOf(draft),
      type,
      inputs,
      groupBy: groupBy.map((name) => names.shown(name)),
      fieldOf: (groupName, input) => names.fieldOf(groupName, input),
      timespan,
      ...(threshold !== undefined && { threshold }),
      ...(field !== undefined && { field: names.fieldOf(names.shown(field), inputs[0]!) }),
      ...(otherFields && { otherFields: otherFields.map((name) => names.fieldOf(names.shown(name), inputs[0]!)) }),
      settings,
      generates,
      ...(gate && { gate: { rule: inputs.at(-1)!, when: gate.key === 'when' } }),
    };
  }
}

function originOf({ document }: Draft): { file: string; line: number } {
  return { file: document.file, line: document.lineOf([]) };
}

function hasKeywords(expressions: readonly Expression[]): boolean {
  return expressions.some(function keyword(expression): boolean {
    if (expression.kind === 'test') return expression.predicate.slot < 0;
    return expression.kind === 'not' ? keyword(expression.of) : expression.of.some(keyword);
  });
}
