import type { FieldValue, SignalRule } from '#ecs';
import type { Expression } from './expression.js';
import type { Shortfall } from './shortfall.js';

/** Where a rule stands: for errors and for `rules list`. */
export interface RuleOrigin {
  readonly file: string;
  readonly line: number;
}

/** A detection of one event. */
export interface DetectionRule {
  readonly kind: 'detection';
  readonly rule: SignalRule;
  readonly origin: RuleOrigin;
  /** Sigma's `logsource`, as written. */
  readonly logsource: Readonly<Record<string, string>>;
  /**
   * Whether a match counts by itself: false where a correlation refers to the rule and none of those says `generate: true`
   * (Sigma correlation specification 2.1, "generate").
   */
  readonly generates: boolean;
  /**
   * How matches of a generating rule become one signal (our key `gatewatch:` in the rule file): an episode is a chain of matches of one
   * group key, each at most `timespan` after the one before. Defaults: by `source.ip`, 15 minutes.
   */
  readonly episode: { readonly groupBy: readonly string[]; readonly timespan: number };
}

/** A correlation of what other rules found. */
export interface CorrelationRule {
  readonly kind: 'correlation';
  readonly rule: SignalRule;
  readonly origin: RuleOrigin;
  /** A key of `rule-types.ts`: `event_count`, `temporal`, `value_sum` … */
  readonly type: string;
  /** Ids of the rules it reads, detections or correlations, in the order written; behind them that of its gate. */
  readonly inputs: readonly string[];
  /** Our `unless` and `when`: events count only where the key is not, or is, in the state that another rule keeps. Its id is the last of `inputs`. */
  readonly gate?: RuleGate;
  /** Names of the group-by, in order; an alias is resolved per input by `fieldOf`. */
  readonly groupBy: readonly string[];
  /** The event field that holds a group-by name for matches of one input (Sigma's `aliases`); the name itself where there is no alias. */
  fieldOf(groupName: string, input: string): string;
  readonly timespan: number;
  /** `gt: 9` is stored as `gte: 10`. Absent for temporal rules and for types that take no threshold. */
  readonly threshold?: number;
  /** Field of `value_count` and `new_value` (Sigma's `condition.field`). */
  readonly field?: string;
  /** Of `value_count`: what is counted is the combination of `field` with these. */
  readonly otherFields?: readonly string[];
  /** Settings of our own rule types, validated by their schemas: `speed: 800`, `distance: 500`, `learning: 7d`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** As for detections: false where a correlation that does not generate refers to it. */
  readonly generates: boolean;
}

/** A rule that says of which keys another one counts events. */
export interface RuleGate {
  readonly rule: string;
  /** True: events count while the key is in that state; false: while it is not. */
  readonly when: boolean;
}

export type Rule = DetectionRule | CorrelationRule;

/** One thing wrong with a rule file: thing, place, value, remedy. */
export interface RuleProblem {
  readonly file: string;
  /** From 1; 0 for what stands in the configuration: `file` is its section then, and the message begins with the key. */
  readonly line: number;
  readonly message: string;
}

/** Rules that were read together and resolved against each other. */
export interface RuleSet {
  /** Detections by position: `Matcher.match` speaks of them by this index. */
  readonly detections: readonly DetectionRule[];
  /** Ordered so that a correlation stands after all that it reads. */
  readonly correlations: readonly CorrelationRule[];
  readonly matcher: Matcher;
  /** Events that do not count for some rules. */
  readonly exemptions?: readonly Exemption[];
}

/** Events that do not count for some rules: an exception of the operator, or what a variant of the rules judges instead. */
export interface Exemption {
  /** Name of the exception; absent for what a variant judges, which nobody need count. */
  readonly name?: string;
  /** The detection that tells which events. */
  readonly detection: number;
  /** Ids of the rules; absent: all. */
  readonly rules?: ReadonlySet<string>;
  /** Event time from which on it holds no more. */
  readonly until: number;
  readonly owner?: string;
  readonly reason?: string;
}

/** All detections of a set, compiled together: shared predicates are evaluated once for an event. */
export interface Matcher {
  /** Fields that predicates read; they must be in the values. */
  readonly fields: readonly string[];
  /**
   * Whether a rule searches keywords in every text of an event: then a reader of documents puts all texts, as a list, in the slot of the
   * pseudo-field `*`. Where that slot is empty, the texts of all values are searched.
   */
  readonly readsAllText: boolean;
  /**
   * Whether some text of a document can meet a keyword search, told from its JSON on one line (one character a byte): where not, an empty list in the slot
   * of `*` saves the parsing. Undefined where that cannot be told.
   */
  readonly mayHoldKeyword?: ((line: string) => boolean) | undefined;
  /** Detections that are evaluated for every event, because nothing says when they cannot be true. For `rules lint`. */
  readonly unindexed?: readonly number[];
  /** What an event must meet for a detection: for putting it in words. */
  expressionOf?(detection: number): Expression | undefined;
  /** Whether an event that has only the fields `has` says can match a detection. */
  possible?(detection: number, has: (slot: number) => boolean): boolean;
  /** The fewest tests that keep an event from matching a detection; empty for one that matches. For explanations: slow. */
  shortfall?(detection: number, values: readonly FieldValue[]): readonly Shortfall[];
  /**
   * Writes the indexes of the detections that match, rising, into `found` and returns how many. `values` are by the index the rules were compiled with.
   */
  match(values: readonly FieldValue[], found: Int32Array): number;
}
