export type { Attempt, Notification, Occasion, Outbox } from './outbox.js';
