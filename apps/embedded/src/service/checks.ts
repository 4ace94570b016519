import type { Check, Finding } from '#http';
import type { LocalEngine } from '#local';
import type { Enricher, FormatWatch } from '#ingest';
import type { Clock } from '#time';
import type { Fold } from '../pipeline/fold.js';
import type { Indexer } from '../pipeline/indexer.js';
import type { SyslogFacts } from '../sources/syslog/tally.js';
import { diskFinding } from './disk-check.js';
import type { RuleWatcher } from './rule-watcher.js';

export interface CheckParts {
  readonly engine: LocalEngine;
  readonly fold: Fold;
  readonly indexer: Indexer;
  readonly rules: RuleWatcher;
  readonly ruleCount: () => number;
  readonly enrichers: readonly Pick<Enricher, 'name' | 'status'>[];
  readonly formats: FormatWatch;
  readonly syslog: readonly { readonly source: string; facts(): SyslogFacts }[];
  readonly dataDir: string;
  readonly clock: Clock;
}

/** One source's side of the equation received = stored + dead-lettered + duplicate (+ empty lines, which are no records but have offsets). */
export interface SourceLedger {
  readonly received: number;
  readonly stored: number;
  readonly deadLettered: number;
  readonly duplicate: number;
  readonly blank: number;
  /** Records on their way: accepted and not stored yet. Zero when nothing is behind. */
  readonly difference: number;
}

export function checks(parts: CheckParts): Check[] {
  return [
    { name: 'pipeline', gatesReadiness: true, run: () => pipeline(parts) },
    { name: 'store', run: () => store(parts) },
    { name: 'disk', run: () => diskFinding(parts.dataDir) },
    { name: 'balance', run: () => balanceFinding(parts) },
    { name: 'rules', run: () => rules(parts) },
    { name: 'enrichment', run: () => enrichment(parts) },
    { name: 'formats', run: () => formats(parts) },
    ...(parts.syslog.length ? [{ name: 'syslog', run: () => syslog(parts) }] : []),
  ];
}

function pipeline({ engine, fold, clock }: CheckParts): Finding {
  const behind = engine.log.end() - fold.position;
  const { position, at } = fold.checkpoint;
  const { watermark, late, keys, evicted, excepted, observed } = fold.detector.counts();
  const facts = {
    behind,
    position: fold.position,
    checkpoint: position,
    checkpointAgeMillis: clock.now() - at,
    // Signals that arose and are not committed, or not yet in the store for searching.
    signalsPending: fold.signalsWaiting || engine.tasks.journal(engine.events.signalMark(), 1).length > 0,
    watermark: Number.isFinite(watermark) ? new Date(watermark).toISOString() : null,
    observed,
    late,
    // By rule; most have none, and saying so a hundred times would hide the others.
    keys: withoutZeros(keys),
    evicted: withoutZeros(evicted),
    excepted,
  };
  if (behind > 5_000_000) return { status: 'warn', message: `${behind} accepted records wait for detection.`, facts };
  return { status: 'ok', facts };
}

function withoutZeros(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, amount]) => amount > 0));
}

function store({ fold, indexer, engine }: CheckParts): Finding {
  const facts = { behind: indexer.behind(fold.position), mark: engine.events.mark() };
  if (indexer.failure)
    return {
      status: 'fail',
      message: `Events are not stored now (${indexer.failure}); detection goes on and they wait in the log.`,
      facts,
    };
  return { status: 'ok', facts };
}

/** The balance of every source; `difference` counts what is still on its way. */
export async function ledger({ log, events }: LocalEngine): Promise<Record<string, SourceLedger>> {
  const sides = await events.balance();
  return Object.fromEntries(
    Object.entries(log.received()).map(([source, received]) => {
      const { stored, deadLettered, duplicate, blank } = sides[source] ?? { stored: 0, deadLettered: 0, duplicate: 0, blank: 0 };
      return [
        source,
        { received, stored, deadLettered, duplicate, blank, difference: received - stored - deadLettered - duplicate - blank },
      ];
    }),
  );
}

async function balanceFinding({ engine }: CheckParts): Promise<Finding> {
  const before = engine.log.end();
  const facts = await ledger(engine);
  const open = Object.values(facts).reduce((sum, { difference }) => sum + difference, 0);
  const settled = engine.events.mark() >= before && engine.log.end() === before;
  if (settled && open !== 0)
    return {
      status: 'fail',
      message: 'Received records do not equal stored, dead-lettered and duplicate ones: please report this.',
      facts,
    };
  return { status: 'ok', facts };
}

function rules({ rules: watcher, ruleCount }: CheckParts): Finding {
  const facts = { inForce: ruleCount(), problems: watcher.problems };
  if (watcher.problems.length)
    return { status: 'warn', message: 'Rule files have problems; the rules before the change are in force.', facts };
  return { status: 'ok', facts };
}

function enrichment({ enrichers }: CheckParts): Finding {
  const facts = Object.fromEntries(enrichers.flatMap(({ name, status }) => (status ? [[name, status()]] : [])));
  const warnings = Object.values(facts).flatMap(({ warning }) => (warning ? [warning] : []));
  return warnings.length ? { status: 'warn', message: warnings.join(' '), facts } : { status: 'ok', facts };
}

/** What each source sends, and whether its lines still fit that. */
function formats({ formats: watch }: CheckParts): Finding {
  const facts = watch.known();
  const drifting = Object.keys(facts).filter((source) => facts[source]!.drifting);
  if (drifting.length === 0) return { status: 'ok', facts };
  return { status: 'warn', message: `Lines no longer fit the format of their source (${drifting.join(', ')}).`, facts };
}

/** For so long a loss is told. */
const recently = 10 * 60_000;

function syslog({ syslog: listeners, clock }: CheckParts): Finding {
  const facts = Object.fromEntries(listeners.map((each) => [each.source, each.facts()]));
  const losing = Object.entries(facts).filter(([, { lastDrop }]) => lastDrop !== undefined && clock.now() - lastDrop < recently);
  if (losing.length === 0) return { status: 'ok', facts };
  const names = losing.map(([source]) => source).join(', ');
  return {
    status: 'warn',
    message: `Syslog messages were dropped in the last ten minutes (${names}); over tcp senders would wait.`,
    facts,
  };
}
