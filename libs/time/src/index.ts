export { systemClock } from './clock.js';
export type { Clock } from './clock.js';
export { formatDuration, parseDuration } from './duration.js';
export type { EventTime, Millis } from './duration.js';
export { instant } from './instant.js';
