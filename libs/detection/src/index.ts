export type { Detector, DetectorCounts, Host, Match, Observation, SlotIndex, StateReader, StateWriter } from './detection.js';
export type { Checkpoint, JournalEntry, TaskStore } from './task-store.js';
