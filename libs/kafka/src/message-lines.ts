const newline = 10;
const space = 32;

/** The records of some messages, newline between them, and how many they are. */
export interface MessageLines {
  readonly payload: Buffer;
  readonly count: number;
}

/** Cuts a message that is a document of many records into one line each; nothing where it is none. */
export type SplitMessage = (message: Buffer) => readonly string[] | undefined;

/**
 * Messages as records. One message is one record as a rule. A message that begins like JSON may be written over several lines: a newline outside of its texts means
 * no more than a space, and inside of them it is always escaped, so they become spaces. Any other message with newlines is what its sender gathered: each line is a record.
 * A document of many records (Azure's `records` by way of Event Hubs, CloudTrail's `Records`, CloudWatch's `logEvents`) is cut by `split`.
 */
export function linesOf(values: readonly (Buffer | null)[], split: SplitMessage): MessageLines {
  const parts: Buffer[] = [];
  let count = 0;
  for (const value of values) {
    const record = value && withoutEnd(value);
    if (!record?.length) continue;
    const first = record[0];
    const isJson = first === 0x7b || first === 0x5b;
    const records = isJson ? split(record) : undefined;
    if (records) {
      for (const line of records) parts.push(Buffer.from(line), lineEnd);
      count += records.length;
      continue;
    }
    const several = record.includes(newline);
    parts.push(several && isJson ? onOneLine(record) : record, lineEnd);
    count += several && !isJson ? 1 + newlinesIn(record) : 1;
  }
  return { payload: Buffer.concat(parts), count };
}

const lineEnd = Buffer.from('\n');

function withoutEnd(value: Buffer): Buffer {
  let end = value.length;
  while (end > 0 && (value[end - 1] === newline || value[end - 1] === 13)) end--;
  return value.subarray(0, end);
}

function onOneLine(record: Buffer): Buffer {
  const copy = Buffer.from(record);
  for (let at = copy.indexOf(newline); at >= 0; at = copy.indexOf(newline, at + 1)) copy[at] = space;
  return copy;
}

function newlinesIn(record: Buffer): number {
  let count = 0;
  for (let at = record.indexOf(newline); at >= 0; at = record.indexOf(newline, at + 1)) count++;
  return count;
}
