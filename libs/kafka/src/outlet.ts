import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import type { Logger } from '#telemetry';
import { refusalOf } from './refusals.js';

const { CompressionTypes, Partitioners } = kafkajs;

/** One message for a partition of a topic. */
export interface Outgoing {
  readonly topic: string;
  readonly partition: number;
  readonly value: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
}

interface Waiting {
  readonly messages: readonly Outgoing[];
  sent: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Bytes for one partition in one request. kafkajs does not split: what is larger than the topic allows would be refused as a whole. */
const partitionBytes = 4 << 20;
const requestBytes = 16 << 20;

/**
 * The one way out of a process: everything that its tasks have to send meanwhile goes in one request, in order, compressed, by an idempotent producer. One request is under
 * way at a time, so nothing overtakes anything, whatever is tried again.
 */
export class Outlet {
  readonly #producer: Producer;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(
    client: Kafka,
    private readonly logger: Logger,
  ) {
    this.#producer = client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Every message names its partition: which partitioner it is only spares kafkajs a warning.
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }

  /** @throws ServiceError `kafka_rights` where the user may not write, `kafka_login` where the brokers refuse him. */
  connect(): Promise<void> {
    return this.#producer.connect().catch((error: unknown) => {
      throw refusalOf(error, 'write messages');
    });
  }

  /** Resolves when all brokers that must have the messages have them. */
  send(messages: readonly Outgoing[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#queue.push({ messages, sent: 0, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#producer.disconnect();
  }

  async #run(): Promise<void> {
    // Tasks of the same turn share the first request.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#take();
      try {
        await this.#producer.sendBatch({ acks: -1, compression: CompressionTypes.LZ4, topicMessages: batch });
      } catch (error) {
        this.logger.warn('Kafka took nothing; the tasks begin again at their checkpoints.', { reason: (error as Error).message });
        for (const waiting of this.#queue.splice(0)) waiting.reject(error);
        break;
      }
      for (let first = this.#queue[0]; first && first.sent === first.messages.length; first = this.#queue[0]) {
        this.#queue.shift();
        first.resolve();
      }
    }
    this.#running = undefined;
  }

  /** As much from the front of the queue as one request may carry: at least one message. */
  #take(): { topic: string; messages: { partition: number; value: Buffer; headers?: Record<string, string>; key?: string }[] }[] {
    const topics = new Map<string, { partition: number; value: Buffer; headers?: Record<string, string>; key?: string }[]>();
    const bytes = new Map<string, number>();
    let all = 0;
    for (const waiting of this.#queue) {
      for (; waiting.sent < waiting.messages.length; waiting.sent++) {
        const { topic, partition, value, headers, key } = waiting.messages[waiting.sent]!;
        const place = `${topic}/${partition}`;
        const before = bytes.get(place) ?? 0;
        if (all > 0 && (before + value.length > partitionBytes || all + value.length > requestBytes)) return asTopics(topics);
        bytes.set(place, before + value.length);
        all += value.length;
        const list = topics.get(topic) ?? [];
        topics.set(topic, list);
        list.push({ partition, value, ...(headers && { headers: { ...headers } }), ...(key !== undefined && { key }) });
      }
    }
    return asTopics(topics);
  }
}

function asTopics<Message>(topics: ReadonlyMap<string, Message[]>): { topic: string; messages: Message[] }[] {
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
