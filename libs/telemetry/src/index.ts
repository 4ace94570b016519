export { looksSecret } from './facts.js';
export { createLogger, logLevels } from './logger.js';
export type { LoggerOptions, LogLevel } from './logger.js';
export { createMetrics } from './metrics.js';
export type { MetricsOptions, RenderedMetrics } from './metrics.js';
export { printable } from './printable.js';
export { noMetrics, Secret, silentLogger } from './telemetry.js';
export type { Counter, Facts, Gauge, Histogram, Labels, Logger, Metrics } from './telemetry.js';
export { ServiceError } from './service-error.js';
