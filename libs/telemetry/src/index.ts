export { noMetrics, Secret, silentLogger } from './telemetry.js';
export type { Counter, Facts, Gauge, Histogram, Labels, Logger, Metrics } from './telemetry.js';
export { ServiceError } from './service-error.js';
