export { isTick } from './record-log.js';
export { EntryPacket } from './entry-packet.js';
export { readEntries } from './read-entries.js';
export type { PackedEntry } from './read-entries.js';
export type { Bookmarks, LoggedBatch, LogEntry, RecordBatch, RecordLog, Tick } from './record-log.js';
