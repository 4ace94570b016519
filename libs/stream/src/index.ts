export { isTick } from './record-log.js';
export type { Bookmarks, LoggedBatch, LogEntry, RecordBatch, RecordLog, Tick } from './record-log.js';
