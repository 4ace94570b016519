import { buildDetector, type Detector, type RuleProblem, type RuleSet } from '#detection';
import type { Event, FieldIndex, Provenance } from '#ecs';
import {
  buildBotCheck,
  buildDedupe,
  buildEnrichers,
  buildFeedPuller,
  buildFormatWatch,
  buildIngest,
  ingestSettings,
  linePart,
  type BotCheck,
  type Dedupe,
  type Enricher,
  type FeedPuller,
  type FormatWatch,
  type Ingest,
  type IngestSettings,
  type SourceSettings,
} from '#ingest';
import type { LocalEngine } from '#local';
import type { Logger, Metrics } from '#telemetry';
import type { Clock } from '#time';
import type { EmbeddedConfig } from '../config.js';
import { Fold } from '../pipeline/fold.js';
import { Indexer } from '../pipeline/indexer.js';
import { recallEvent } from '../pipeline/recall.js';
import { loadConfigured } from '../rules/load-rule-set.js';
import { hashKeyOf } from './hash-key.js';
import { provenanceNow } from './provenance.js';
import { detectorSettings } from './detector-settings.js';
import { namespacedReader, namespacedWriter } from './namespaced.js';

/** A signal is told at most this long after it arose. */
const signalDelay = 50;
const checkpointEvery = 5000;
/** Prefixes of the two keepers of state in one task store. */
const ingestState = 'ingest/';
/** Also for commands that read the state while nothing runs. */
export const detectorState = 'detector/';

export interface PipelineParts {
  readonly config: EmbeddedConfig;
  readonly sources: ReadonlyMap<string, SourceSettings>;
  readonly rules: RuleSet;
  /** The index that the rules were compiled with. */
  readonly index: FieldIndex;
  readonly engine: LocalEngine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface Pipeline {
  readonly fold: Fold;
  readonly indexer: Indexer;
  readonly enrichers: readonly Enricher[];
  /** Brings the feeds that the enrichers read. */
  readonly feeds: FeedPuller;
  /** Looks up whether crawlers are what they say. */
  readonly bots: BotCheck;
  readonly formats: FormatWatch;
  /** Rules in force. */
  rules(): RuleSet;
  /** Reads the rules again and puts them in place, or gives the problems because of which the old ones stay. */
  reloadRules(): Promise<readonly RuleProblem[]>;
}

/** Ingest, detector, fold and index task over a local engine. */
export function buildPipeline(parts: PipelineParts): Pipeline {
  const { engine, clock, logger, metrics, config, index } = parts;
  const settings = ingestSettings(config.ingest, config.ingest.hash_key ? undefined : hashKeyOf(config.data_dir));
  const enrichers = buildEnrichers(settings, () => clock.now());
  const provenance = provenanceNow(config, enrichers);
  const { max_ids: maxIds, horizon } = config.ingest.dedupe;
  const dedupe = buildDedupe({ maxIds, horizon });
  dedupe.restore(namespacedReader(engine.tasks, ingestState).entries());
  const formats = buildFormatWatch((name) => settingsOf(parts.sources, name).format !== 'auto');
  formats.restore(namespacedReader(engine.tasks, ingestState).entries());
  const ingest = ingestOf(parts, { enrichers, dedupe, settings });
  // The second reading of the index task knows no horizon: the store itself knows which ids it has.
  const again = ingestOf(parts, { enrichers, dedupe: undefined, settings });
  const indexer = new Indexer({ sink: engine.events, log: engine.log, clock, logger, reread: (batch, from) => again.ingest(batch, from) });
  const fold = new Fold({
    log: engine.log,
    tasks: engine.tasks,
    ingest: {
      ingest: (batch, from) => ingest.ingest(batch, from),
      drifts: (ingested) => formats.observe(ingested),
      save: (into) => {
        dedupe.save(namespacedWriter(into, ingestState));
        formats.save(namespacedWriter(into, ingestState));
      },
    },
    detector: detectorOf(parts, parts.rules, { ingest, provenance }),
    indexer,
    clock,
    logger,
    metrics,
    signalDelay,
    checkpointEvery,
  });
  let inForce = parts.rules;
  return {
    fold,
    indexer,
    enrichers,
    feeds: buildFeedPuller({ feeds: config.ingest.feeds, clock, logger, metrics }),
    bots: buildBotCheck({ enrichers, config: config.ingest.verified_bots, clock, logger, metrics }),
    formats,
    rules: () => inForce,
    async reloadRules() {
      const { rules, problems } = loadConfigured(config.detection, index);
      if (problems.length) return problems;
      await fold.replaceDetector(() => detectorOf(parts, rules, { ingest, provenance }));
      inForce = rules;
      return [];
    },
  };
}

interface Reading {
  readonly enrichers: readonly Enricher[];
  readonly dedupe: Dedupe | undefined;
  readonly settings: IngestSettings;
}

function ingestOf({ config, index, sources }: PipelineParts, { enrichers, dedupe, settings }: Reading): Ingest {
  const { keep_original: keepOriginal, max_line: maxLine, max_skew: maxSkew } = config.ingest;
  return buildIngest({
    source: (name) => settingsOf(sources, name),
    index,
    enrichers,
    eager: 'all',
    keepOriginal,
    maxLine,
    maxSkew,
    dedupe,
    ...linePart(settings),
  });
}

/** A source that was configured once and is not any more may still have records in the log: they are read as `auto`. */
function settingsOf(sources: ReadonlyMap<string, SourceSettings>, name: string): SourceSettings {
  return sources.get(name) ?? { name, format: 'auto' };
}

function detectorOf(
  parts: PipelineParts,
  rules: RuleSet,
  { ingest, provenance }: { ingest: Ingest; provenance: () => Provenance },
): Detector {
  const { config, engine, index } = parts;
  const detector = buildDetector({
    rules,
    index,
    host: {
      resolve: (event, slot) => ingest.resolve(event as Event, slot),
      line: (event) => ingest.line(event as Event),
      recall: (offset) => recallEvent(engine.log, ingest, offset),
    },
    state: namespacedReader(engine.tasks, detectorState),
    settings: detectorSettings(config),
  });
  return {
    eagerFields: detector.eagerFields,
    observe: (observation) => detector.observe(observation),
    formatDrift: (trouble) => detector.formatDrift(trouble),
    tick: (now) => detector.tick(now),
    finish: () => detector.finish(),
    changes: () => {
      const changed = detector.changes();
      if (changed.length === 0) return changed;
      const now = provenance();
      return changed.map((signal) => ({ ...signal, provenance: now }));
    },
    get changed() {
      return detector.changed;
    },
    save: (into) => detector.save(namespacedWriter(into, detectorState)),
    beginSave: (into) => detector.beginSave(namespacedWriter(into, detectorState)),
    counts: () => detector.counts(),
    coverage: (query) => detector.coverage(query),
  };
}
