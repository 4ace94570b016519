export { queryConfig, type QueryConfig } from './config.js';
export type { DeadLetterSearch, EventSearch, EventStore, FieldFilters, Page, SignalSearch, SignalSink } from './event-store.js';
