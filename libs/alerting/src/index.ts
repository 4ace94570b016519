export { buildAlerting } from './alerting.js';
export type { Alerting, AlertingParts, SignalJournal } from './alerting.js';
export { alertingConfig } from './config.js';
export type { AlertingConfig } from './config.js';
export type { SignalEntry } from './intake.js';
export { notificationId } from './notification-id.js';
export type { NotificationKey } from './notification-id.js';
export type { Attempt, Notification, Occasion, Outbox, Undelivered } from './outbox.js';
