import type { DriftTold } from './heard.js';

/** Events of one channel in one message: their documents, a line each, and in the headers what a reader must know without parsing these. */
export interface EventChunk {
  readonly channel: string;
  readonly source: string;
  /** Records of the channel that the chunk covers: numbers of the first one and of the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Number of the record of each line. */
  readonly offsets: readonly number[];
  /** Lines whose event id is the sender's own. */
  readonly own: readonly number[];
  /** Numbers of records that were left out as duplicates. */
  readonly duplicates: readonly number[];
  /** Empty records. */
  readonly blank: number;
  readonly documents: Buffer;
  /** Records of these at which lines were found not to fit their format any more. */
  readonly drifts?: readonly DriftTold[];
}

/** How far a channel is, in event time and by the wall clock: the only way in which time passes downstream. */
export interface Progress {
  /** Largest stamp that was trusted; undefined before the first. */
  readonly stamp?: number;
  /** All records that the brokers had up to this moment are before this message. */
  readonly clock: number;
}

/** What a message of `events` holds: a chunk, a progress, or both. */
export interface EventMessage {
  readonly chunk: EventChunk | undefined;
  readonly channel: string;
  readonly progress: Progress;
  /** All channels that there are, as the writer knows. */
  readonly channels: readonly string[];
  /** Versions of the data that enrichers worked with, by enricher. */
  readonly data?: Readonly<Record<string, string>>;
}

type Headers = Readonly<Record<string, string>>;
/** As kafkajs gives them. */
type ReadHeaders = Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;

export function eventHeaders({ chunk, channel, progress, channels, data }: EventMessage): Headers {
  const base = {
    channel,
    channels: channels.join(' '),
    clock: String(progress.clock),
    ...(progress.stamp !== undefined && { stamp: String(progress.stamp) }),
    ...(data && Object.keys(data).length > 0 && { data: JSON.stringify(data) }),
  };
  if (!chunk) return base;
  const { source, from, to, offsets, own, duplicates, blank, drifts } = chunk;
  return {
    ...base,
    source,
    from: String(from),
    to: String(to),
    ...(offsets.length !== to - from && { offsets: offsets.map((offset) => offset - from).join(' ') }),
    ...(own.length && { own: own.join(' ') }),
    ...(duplicates.length && { duplicates: duplicates.map((offset) => offset - from).join(' ') }),
    ...(blank && { blank: String(blank) }),
    ...(drifts?.length && { drifts: JSON.stringify(drifts) }),
  };
}

/** Undefined for a message that Gatewatch did not write. */
export function readEventMessage(value: Buffer | null, headers: ReadHeaders | undefined): EventMessage | undefined {
  const header = (name: string): string | undefined => headers?.[name]?.toString();
  const channel = header('channel');
  const clock = Number(header('clock'));
  if (channel === undefined || !Number.isFinite(clock)) return undefined;
  const stamp = header('stamp');
  const data = header('data');
  const base = {
    channel,
    channels: (header('channels') ?? '').split(' ').filter(Boolean),
    progress: { clock, ...(stamp !== undefined && { stamp: Number(stamp) }) },
    ...(data !== undefined && { data: JSON.parse(data) as Record<string, string> }),
  };
  const [from, to] = [header('from'), header('to')];
  if (value === null || from === undefined || to === undefined) return { ...base, chunk: undefined };
  const first = Number(from);
  const drifts = header('drifts');
  const numbers = (name: string): number[] => (header(name) ?? '').split(' ').filter(Boolean).map(Number);
  const offsets =
    header('offsets') === undefined
      ? Array.from({ length: Number(to) - first }, (_, at) => first + at)
      : numbers('offsets').map((at) => first + at);
  return {
    ...base,
    chunk: {
      channel,
      source: header('source') ?? '',
      from: first,
      to: Number(to),
      offsets: value.length === 0 ? [] : offsets,
      own: numbers('own'),
      duplicates: numbers('duplicates').map((at) => first + at),
      blank: Number(header('blank') ?? 0),
      documents: value,
      ...(drifts !== undefined && { drifts: JSON.parse(drifts) as DriftTold[] }),
    },
  };
}
