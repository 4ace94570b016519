import { CheckpointTimes, readEventMessage, type ClusterProcess, type EventChunk } from '#cluster';
import type { DeadLetter } from '#ecs';
import type { ElasticEventSink, Stretch } from '#elastic';
import { TaskState, type PartitionTask, type TaskFacts, type TaskMessage } from '#kafka';
import type { ElasticDoor } from './elastic-door.js';

interface Facts {
  /** Everything before this message is stored. */
  readonly done: string;
}

/** Bytes of documents handed over and not yet safe, above which reading waits. */
const mostBytes = 24 << 20;

/**
 * Documents of one partition of `events` or `dead-letters` are forwarded to Elasticsearch, unparsed. Each channel has its own mark there, so a message that comes again, or is cut
 * differently by a successor, changes nothing; what is saved here only says where to begin reading.
 */
export class IndexTask implements PartitionTask {
  readonly #sinks = new Map<string, Promise<ElasticEventSink>>();
  /** Under way, oldest first. */
  #pending: { readonly next: bigint; readonly bytes: number; done: boolean }[] = [];
  #bytes = 0;
  #next: bigint;
  #done: bigint;
  #savedDone: bigint;
  #failure: Error | undefined;
  #room: (() => void) | undefined;

  private constructor(
    private readonly door: ElasticDoor,
    private readonly state: TaskState<Facts>,
    private readonly kind: 'events' | 'dead_letters',
    private readonly checkpoints: CheckpointTimes,
  ) {
    this.#next = this.#done = this.#savedDone = BigInt(state.facts?.done ?? 0);
  }

  static async open(process: ClusterProcess, door: ElasticDoor, topic: string, partition: number): Promise<IndexTask> {
    await door.engine();
    const { client, restorer, outlet, names } = process;
    const state = await TaskState.open<Facts>({ client, restorer, outlet, topic: names.state('index', topic), partition });
    const kind = topic === names.events ? 'events' : 'dead_letters';
    return new IndexTask(door, state, kind, new CheckpointTimes(process.clock, partition));
  }

  get next(): bigint {
    return this.#next;
  }

  async take(messages: readonly TaskMessage[]): Promise<void> {
    for (const { value, headers, offset } of messages) {
      const next = BigInt(offset) + 1n;
      const chunk = readEventMessage(value, headers)?.chunk;
      if (chunk) await this.#store(chunk, next);
      else this.#pending.push({ next, bytes: 0, done: true });
      this.#next = next;
      await this.#untilRoom();
    }
    this.#settle();
    await this.#saveIfDue();
  }

  async beat(): Promise<void> {
    if (this.#failure) throw this.#failure;
    await this.#saveIfDue();
  }

  async close(): Promise<void> {
    try {
      if (!this.#failure) await this.#save();
    } finally {
      await this.state.close();
    }
  }

  facts(): TaskFacts {
    return { checkpointAt: this.checkpoints.at, queuedBytes: this.#bytes };
  }

  async #store(chunk: EventChunk, next: bigint): Promise<void> {
    const sink = await this.#sinkOf(chunk.channel);
    const one = { next, bytes: chunk.documents.length, done: false };
    this.#pending.push(one);
    this.#bytes += one.bytes;
    sink.append(this.kind === 'events' ? eventStretch(chunk) : letterStretch(chunk)).then(
      () => {
        one.done = true;
        this.#bytes -= one.bytes;
        this.#settle();
        this.#room?.();
      },
      (error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
        this.#room?.();
      },
    );
  }

  #sinkOf(channel: string): Promise<ElasticEventSink> {
    let sink = this.#sinks.get(channel);
    if (!sink) {
      sink = this.door.engine().then((engine) => engine.events({ name: `${this.kind}-${channel.replace('/', '-')}` }));
      this.#sinks.set(channel, sink);
    }
    return sink;
  }

  async #untilRoom(): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (this.#bytes < mostBytes) return;
      await new Promise<void>((resolve) => (this.#room = resolve));
    }
  }

  #settle(): void {
    let count = 0;
    while (this.#pending[count]?.done) this.#done = this.#pending[count++]!.next;
    if (count > 0) this.#pending = this.#pending.slice(count);
  }

  async #saveIfDue(): Promise<void> {
    this.state.check();
    if (this.checkpoints.isDue) await this.#save();
  }

  async #save(): Promise<void> {
    this.checkpoints.taken();
    if (this.#done === this.#savedDone) return;
    const done = this.#done;
    this.#savedDone = done;
    await this.state.begin({ done: done.toString() }, [], () => undefined);
  }
}

const lineFeed = 10;
/** Documents begin with their time and their id: `{"@timestamp":"…","event":{"id":"…"`. */
const idMark = Buffer.from('"event":{"id":"');
const quote = 0x22;

function eventStretch({ source, from, to, offsets, own, duplicates, blank, documents }: EventChunk): Stretch {
  const owned = new Set(own);
  const events: { id: string; own: boolean; source: string; offset: number; document: Buffer }[] = [];
  for (let start = 0, line = 0; start < documents.length; line++) {
    const end = documents.indexOf(lineFeed, start);
    const at = documents.indexOf(idMark, start) + idMark.length;
    const id = documents.toString('latin1', at, documents.indexOf(quote, at));
    events.push({ id, own: owned.has(line), source, offset: offsets[line]!, document: documents.subarray(start, end) });
    start = end + 1;
  }
  return {
    from,
    to,
    events,
    deadLetters: [],
    duplicates: duplicates.map((offset) => ({ offset, source })),
    blank: blank > 0 ? { [source]: blank } : {},
  };
}

function letterStretch({ from, to, documents }: EventChunk): Stretch {
  const deadLetters = documents
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line): DeadLetter => {
      const letter = JSON.parse(line) as Omit<DeadLetter, 'raw'> & { raw: string };
      return { ...letter, raw: Buffer.from(letter.raw, 'base64') };
    });
  return { from, to, events: [], deadLetters, duplicates: [], blank: {} };
}
