export { queryConfig, type QueryConfig } from './config.js';
export type {
  DeadLetterSearch,
  EventSearch,
  EventStore,
  FieldFilters,
  Page,
  SignalSearch,
  SignalSink,
  StoredEvents,
  SweepQuery,
} from './event-store.js';
export { sweptEvent, sweptLines } from './swept-line.js';
