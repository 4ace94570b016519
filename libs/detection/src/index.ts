export type { Detector, DetectorCounts, Host, Match, Observation, SlotIndex, StateReader, StateWriter } from './detection.js';
export type { Checkpoint, JournalEntry, TaskStore } from './task-store.js';
export type { CorrelationRule, DetectionRule, Matcher, Rule, RuleOrigin, RuleProblem, RuleSet } from './sigma/rule.js';
