export type { EventSink, Ingested, SourceBalance } from './ingested.js';
