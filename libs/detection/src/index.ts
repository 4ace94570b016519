export { buildDetector } from './detector.js';
export type { DetectorParts } from './detector.js';
export { detectionConfig } from './config.js';
export { configuredSettings, configuredWatch, defaultDetectorSettings } from './detector-settings.js';
export type { ConfiguredDetection, DetectorSettings, WatchSettings } from './detector-settings.js';
export type {
  Detector,
  DetectorCounts,
  HeardMinute,
  HeardObserver,
  Host,
  Match,
  MatchedObserver,
  KeyStates,
  RollingSave,
  Saving,
  Observation,
  SlotIndex,
  SourceTrouble,
  StateReader,
  StateWriter,
  WholeDetector,
} from './detection.js';
export { readCoverage } from './watchdog/watchdog.js';
export { coverageOfParts, noteEvicted } from './watchdog/ledger-part.js';
export type { LedgerPart } from './watchdog/ledger-part.js';
export { ledgerKey } from './watchdog/watchdog.js';
export type { SavedLedger } from './watchdog/ledger.js';
export type { CountedRange } from './watchdog/ranges.js';
export { coverageDocument } from './watchdog/coverage-document.js';
export type { CoverageHole, CoverageQuery, CoverageReport, HoleReason, RuleCoverage } from './watchdog/report.js';
export type { SilenceSettings } from './watchdog/source-watch.js';
export type { Checkpoint, Draft, JournalEntry, TaskStore } from './task-store.js';
export type { CorrelationRule, DetectionRule, Exemption, Matcher, Rule, RuleOrigin, RuleProblem, RuleSet } from './sigma/rule.js';
export type { Shortfall } from './sigma/shortfall.js';
export { journey } from './rule-types/geo-velocity/travel.js';
export type { Point } from './rule-types/geo-velocity/travel.js';
export { walkNumber } from './rule-types/sequence-walk/sequence-walk.js';
export { maskAddress } from './window/address.js';
export { ruleTypes } from './rule-types/rule-types.js';
export type { RuleType } from './rule-types/rule-types.js';
export { ruleTuning, sensitivities } from './sigma/tuning.js';
export type { RuleException, RuleOverride, RuleTuning, Sensitivity } from './sigma/tuning.js';
export { loadRules } from './sigma/load-rules.js';
export type { LoadedRules, LoadOptions } from './sigma/load-rules.js';
export { readRuleFiles } from './sigma/read-rule-files.js';
export { countRules, formatRuleProblems, loadConfigured, loadFiles, loadRuleSet, ruleFiles } from './sigma/rule-set-files.js';
export type { ConfiguredRules, RuleFiles, RuleSetOptions } from './sigma/rule-set-files.js';
export { readPipelines, separatePipelines, shippedPipelines } from './sigma/pipelines.js';
export type { Pipeline } from './sigma/pipelines.js';
export { rewriteRules } from './sigma/rewrite.js';
export type { Rewritten } from './sigma/rewrite.js';
export { linesOfWords, ruleInWords } from './words/rule-words.js';
export type { RulePart, RuleWords } from './words/rule-words.js';
export { lintRules } from './sigma/lint.js';
export { pipelineJsonSchema, ruleJsonSchema } from './sigma/rule-schema.js';
export { caseJsonSchema } from './rule-cases/case-file.js';
export { runCases } from './rule-cases/run-cases.js';
export type { CaseReport, CaseResult } from './rule-cases/run-cases.js';
export { shippedRulesDir } from './rule-cases/shipped-rules.js';
export { JsonLines, JsonObservation } from './json/json-lines.js';
export type { JsonLinesOptions, JsonLinesSink } from './json/json-lines.js';
export { Router } from './routing/router.js';
export type { Routed, RouterParts } from './routing/router.js';
export { ruleUnits } from './routing/units.js';
export type { RuleUnit } from './routing/units.js';
export { EcsLines, fieldsOfWindows } from './routing/ecs-lines.js';
export { rawText, textOfRaw } from './json/json-lines.js';
export { ByteReader, ByteWriter } from './window/bytes.js';
export type { EcsObservation } from './routing/ecs-lines.js';
