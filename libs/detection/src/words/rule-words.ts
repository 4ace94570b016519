import type { CorrelationRule, DetectionRule, Exemption, Rule, RuleSet } from '../sigma/rule.js';
import { conditionInWords } from './condition-words.js';
import { happeningOf, sameGroup } from './correlation-words.js';
import { spanInWords } from './span.js';

/** A rule as people read it. Made from what was compiled, so it says what is done and not what somebody meant. */
export interface RuleWords {
  /** What has to happen, as one sentence. */
  readonly summary: string;
  /** What must be known besides: gates, exceptions, variants. */
  readonly notes: readonly string[];
  /** Every rule behind it, each with what it asks. */
  readonly parts: readonly RulePart[];
}

export interface RulePart {
  readonly title: string;
  readonly name: string;
  /** Of an event one line for each thing asked, indented by two blanks; of a correlation one sentence. */
  readonly lines: readonly string[];
}

/** The condition of a rule and of all that it reads, in plain words; the same for the same compiled rules. `names` are fields by slot. */
export function ruleInWords(rule: Rule, rules: RuleSet, names: readonly string[]): RuleWords {
  const told = new Telling(rules, (slot) => names[slot] ?? `field ${slot}`);
  const behind = told.behind(rule);
  return {
    summary: told.summary(rule),
    notes: told.notes([rule, ...behind]),
    parts: (rule.kind === 'detection' ? [rule] : behind).map((one) => told.part(one)),
  };
}

/** The words as lines of text. */
export function linesOfWords({ summary, notes, parts }: RuleWords): string[] {
  const lines = [summary, ...notes];
  for (const part of parts) {
    lines.push('', `"${part.title}" (${part.name}):`, ...part.lines.map((line) => `  ${line}`));
  }
  return lines;
}

class Telling {
  constructor(
    private readonly rules: RuleSet,
    private readonly nameOf: (slot: number) => string,
  ) {}

  summary(rule: Rule): string {
    if (rule.kind === 'correlation') return `${this.#fires(rule)} when ${this.#happening(rule)}.`;
    const { groupBy, timespan } = rule.episode;
    if (!rule.generates) return 'One event is enough; it gives no signal itself and is read by other rules.';
    return `Fires when one event fits. Further ones${sameGroup(groupBy)}, each at most ${spanInWords(timespan)} after the one before, belong to the same signal.`;
  }

  part(rule: Rule): RulePart {
    const { title, name, id } = rule.rule;
    const lines = rule.kind === 'correlation' ? [`${this.summary(rule)}`] : this.#condition(rule);
    return { title, name: name ?? id, lines };
  }

  /** All that a rule reads, each once, what is nearest first. */
  behind(rule: Rule, found: Rule[] = []): Rule[] {
    if (rule.kind === 'detection') return found;
    const inputs = rule.inputs.flatMap((id) => this.#find(id) ?? []).filter((input) => !found.includes(input));
    found.push(...inputs);
    for (const input of inputs) this.behind(input, found);
    return found;
  }

  notes(rules: readonly Rule[]): string[] {
    const gates = rules.flatMap((rule) => (rule.kind === 'correlation' && rule.gate ? [this.#gate(rule)] : []));
    const exemptions = (this.rules.exemptions ?? []).filter((one) => !one.rules || rules.some(({ rule }) => one.rules!.has(rule.id)));
    return [...gates, ...exemptions.flatMap((one) => this.#exemption(one))];
  }

  #fires({ generates, type }: CorrelationRule): string {
    if (type === 'crowd') return 'Gives no signals: it holds for a group';
    return generates ? 'Fires' : 'Gives no signal itself, and is there for other rules,';
  }

  #happening(rule: CorrelationRule): string {
    const read = rule.gate ? rule.inputs.slice(0, -1) : rule.inputs;
    const temporal = rule.type.startsWith('temporal');
    const what = happeningOf({ rule, inputs: read.map((id) => this.#titled(id)) });
    return temporal && rule.groupBy.length ? `${what}, all${sameGroup(rule.groupBy)}` : what;
  }

  #gate(rule: CorrelationRule): string {
    const { gate } = rule;
    const state = this.#titled(gate!.rule);
    return `For ${this.#titled(rule.rule.id)} an event counts ${gate!.when ? 'only while' : 'unless'} ${state} holds for its group.`;
  }

  #exemption({ name, detection, until, owner, reason }: Exemption): string[] {
    const condition = this.rules.matcher.expressionOf?.(detection);
    const asked = condition ? conditionInWords(condition, this.nameOf) : [];
    const head =
      name === undefined
        ? 'A variant of the rule judges these events instead, and here they do not count:'
        : `Exception ${name}${owner === undefined ? '' : ` (${owner}${reason === undefined ? '' : `: ${reason}`})`}: until ${new Date(until).toISOString().slice(0, 16)}Z these events do not count:`;
    return [head, ...asked.map((line) => `  ${line}`)];
  }

  #condition(rule: DetectionRule): string[] {
    const expression = this.rules.matcher.expressionOf?.(this.rules.detections.indexOf(rule));
    return expression ? conditionInWords(expression, this.nameOf) : [];
  }

  #titled(id: string): string {
    return `"${this.#find(id)?.rule.title ?? id}"`;
  }

  #find(id: string): Rule | undefined {
    return this.rules.detections.find(({ rule }) => rule.id === id) ?? this.rules.correlations.find(({ rule }) => rule.id === id);
  }
}
