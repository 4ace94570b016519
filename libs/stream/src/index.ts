export { isTick } from './record-log.js';
export { EntryPacket, readEntries } from './entry-packet.js';
export type { PackedEntry } from './entry-packet.js';
export type { Bookmarks, LoggedBatch, LogEntry, RecordBatch, RecordLog, Tick } from './record-log.js';
