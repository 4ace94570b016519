export { kafkaClient } from './client.js';
export { useCodecs } from './codecs.js';
export { kafkaTopicsConfig } from './config.js';
export type { KafkaTopicsConfig } from './config.js';
export { TopicReader } from './topic-reader.js';
export type { TopicPiece, TopicReaderParts } from './topic-reader.js';
