import type { AlertingConfig } from '#alerting';
import type { RuleSet } from '#detection';
import type { FieldIndex } from '#ecs';
import { countRules } from '../rules/load-rule-set.js';
import { compare, type Comparison } from './compare.js';
import type { EventInput, EventReading } from './event-input.js';
import { foundOf, type Found } from './found.js';
import { Verdicts, type Label, type Precision } from './labels.js';
import { noticesFor, type ReceiverNotices } from './notices.js';
import { entitiesOf, perDay, summarise, type EntityCount, type RuleSummary } from './summary.js';

/** What a rule set would have found, and who would have been told. */
export interface Backtest {
  readonly input: string;
  readonly events: number;
  readonly late: number;
  readonly dead_letters: number;
  /** Event time, ISO 8601. */
  readonly from?: string;
  readonly to?: string;
  readonly rules_in_force: number;
  readonly signals: number;
  readonly rules: readonly RuleSummary[];
  readonly per_day: Readonly<Record<string, number>>;
  readonly entities: readonly EntityCount[];
  readonly notices: readonly ReceiverNotices[];
  readonly labels?: Precision;
  readonly against?: Comparison;
}

/** Rules with the index that they were compiled with. */
export interface RuleVersion {
  readonly rules: RuleSet;
  readonly index: FieldIndex;
}

export interface BacktestParts {
  readonly input: EventInput;
  readonly version: RuleVersion;
  /** The other version of the rules, for a comparison. */
  readonly against?: RuleVersion;
  readonly labels?: readonly Label[];
  readonly alerting: Pick<AlertingConfig, 'receivers'>;
}

const mostEntities = 100;

/** Runs the live detector with a rule set over what happened, and counts what follows from it. */
export async function backtest({
  input,
  version,
  against,
  labels,
  alerting,
}: BacktestParts): Promise<Backtest & { broken: EventReading['broken'] }> {
  const { found, reading } = await signalsOf(input, version);
  const other = against && (await signalsOf(input, against));
  const verdicts = labels && new Verdicts(labels);
  const { first, last, counts } = reading;
  return {
    input: input.name,
    events: reading.events,
    late: Object.values(counts.late).reduce((sum, amount) => sum + amount, 0),
    dead_letters: reading.deadLetters,
    ...(first !== undefined && last !== undefined && { from: new Date(first).toISOString(), to: new Date(last).toISOString() }),
    rules_in_force: countRules(version.rules),
    signals: found.length,
    rules: summarise(found, verdicts && ((_, own) => verdicts.precision(own))),
    per_day: perDay(found),
    entities: entitiesOf(found).slice(0, mostEntities),
    notices: noticesFor(found, alerting),
    ...(verdicts && { labels: verdicts.precision(found) }),
    ...(other && { against: compare(found, other.found) }),
    broken: reading.broken,
  };
}

async function signalsOf(input: EventInput, { rules, index }: RuleVersion): Promise<{ found: Found[]; reading: EventReading }> {
  const found: Found[] = [];
  const reading = await input.run({ rules, index, onSignal: (signal) => void found.push(foundOf(signal)) });
  return { found, reading };
}
