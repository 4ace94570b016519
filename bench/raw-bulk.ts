import type { BenchCluster } from './cluster.js';

const bodyBytes = 4 << 20;
const inFlight = 4;
const lineFeed = 10;
const idMark = Buffer.from('"event":{"id":"');

/** Documents of a topic of events as bodies of bulk requests, under the ids that the index task gives them, too. */
export class RawBulk {
  readonly #bodies: Buffer[] = [];
  documents = 0;
  bytes = 0;
  #pieces: Buffer[] = [];
  #size = 0;

  /** Reads a topic up to what it holds now. */
  static async read(cluster: BenchCluster, topic: string): Promise<RawBulk> {
    const made = new RawBulk();
    const ends = new Map((await cluster.admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]));
    for (const [partition, end] of ends) if (end === 0) ends.delete(partition);
    const consumer = cluster.client.consumer({ groupId: `bench-${topic}`, maxBytesPerPartition: 8 << 20 });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      void consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const { value } of batch.messages) if (value) made.#take(value);
          if (Number(batch.lastOffset()) + 1 >= (ends.get(batch.partition) ?? 0)) ends.delete(batch.partition);
          if (ends.size === 0) resolve();
        },
      });
    });
    await consumer.disconnect();
    made.#cut();
    return made;
  }

  /** Sends all of them into a stream, four requests at a time. Gives seconds. */
  async send(cluster: BenchCluster, stream: string): Promise<number> {
    const started = performance.now();
    const left = this.#bodies.values();
    const url = `${cluster.elastic!.url}/${stream}/_bulk?filter_path=errors`;
    const lane = async (): Promise<void> => {
      for (const body of left) {
        const answer = await fetch(url, {
          method: 'POST',
          body: new Uint8Array(body),
          headers: { 'content-type': 'application/x-ndjson' },
        });
        const text = await answer.text();
        if (!text.startsWith('{"errors":false')) throw new Error(`${stream} answered ${answer.status}: ${text.slice(0, 500)}`);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    return (performance.now() - started) / 1000;
  }

  #take(documents: Buffer): void {
    for (let start = 0; start < documents.length;) {
      const end = documents.indexOf(lineFeed, start) + 1;
      const at = documents.indexOf(idMark, start) + idMark.length;
      const id = documents.toString('latin1', at, documents.indexOf(0x22, at));
      this.#pieces.push(Buffer.from(`{"create":{"_id":"${id}"}}\n`), documents.subarray(start, end));
      this.#size += end - start;
      this.documents++;
      this.bytes += end - start;
      start = end;
      if (this.#size >= bodyBytes) this.#cut();
    }
  }

  #cut(): void {
    if (this.#pieces.length) this.#bodies.push(Buffer.concat(this.#pieces));
    this.#pieces = [];
    this.#size = 0;
  }
}

/** Gives streams of a pattern what the streams of an installation have: mappings and settings of theirs. */
export async function sameTemplate(cluster: BenchCluster, namespace: string, pattern: string): Promise<void> {
  type Template = Readonly<Record<string, unknown>> & { readonly index_patterns: readonly string[] };
  const { index_templates: all } = await cluster.ask<{ index_templates: { index_template: Template }[] }>('/_index_template');
  const found = all.find(({ index_template: { index_patterns: own } }) => own.includes(`logs-gatewatch.events-${namespace}`));
  if (!found) throw new Error(`Elasticsearch has no template for the events of ${namespace}`);
  // What Elasticsearch notes of a template by itself is refused when it comes from us.
  const { template, composed_of, data_stream, ignore_missing_component_templates } = found.index_template;
  const body = { template, composed_of, data_stream, ignore_missing_component_templates, index_patterns: [pattern], priority: 400 };
  await cluster.ask('/_index_template/bench', { method: 'PUT', body: JSON.stringify(body) });
}
