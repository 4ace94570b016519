import type { Event } from '#ecs';
import { isTick, type LoggedBatch, type RecordLog } from '#stream';
import { headerAfter, type Ingest } from '#ingest';

/** Reads one event again from the log: evidence of an episode that opens on events from before a restart. Undefined once the log was trimmed. */
export function recallEvent(log: Pick<RecordLog, 'read' | 'start'>, ingest: Pick<Ingest, 'ingest'>, offset: number): Event | undefined {
  if (offset < log.start()) return undefined;
  const entry = log.read(offset, 1)[0];
  if (!entry || isTick(entry) || offset < entry.offset || offset >= entry.offset + entry.count) return undefined;
  return ingest.ingest(only(entry, offset)).events[0];
}

/** The batch of one record, at the place that the record has. */
function only(batch: LoggedBatch, offset: number): LoggedBatch {
  const { payload, position, header } = batch;
  let start = 0;
  for (let record = batch.offset; record < offset; record++) start = payload.indexOf(10, start) + 1;
  const newline = payload.indexOf(10, start);
  const line = payload.subarray(start, newline < 0 ? payload.length : newline + 1);
  const described = headerAfter(payload, header, start);
  return {
    ...batch,
    ...(described !== undefined && { header: described }),
    offset,
    count: 1,
    payload: line,
    ...(position !== undefined && { position: position + start }),
  };
}
