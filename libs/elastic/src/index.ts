export { elasticConfig, type ElasticConfig } from './config.js';
export { openElastic, type ElasticEngine, type ElasticHealth, type ElasticParts } from './engine.js';
export { savedObjects } from './kibana/saved-objects.js';
export { namesIn, type Names } from './names.js';
export { DocumentWriter } from './write/document-text.js';
export type { ElasticEventSink, EventTask } from './write/event-sink.js';
export type { ElasticSignalSink } from './write/signal-writer.js';
export type { Balance, Stretch, WrittenEvent } from './write/stretch.js';
