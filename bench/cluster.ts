import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka as Client, type Producer } from 'kafkajs';
import { useCodecs } from '#kafka';
import { startElasticsearch } from '../tools/engines/elasticsearch.js';
import type { Elasticsearch } from '../tools/engines/elasticsearch-handle.js';
import { startKafka, type Kafka } from '../tools/engines/kafka.js';
import { gatewatch } from './product.js';

const { CompressionTypes, Kafka: KafkaClient, logLevel, Partitioners } = kafkajs;

const partitions = 3;
const patience = 120_000;
/** What `/proc/PID/stat` counts in. */
const ticksASecond = 100;
/** As `docker-compose.yml` starts them. */
const nodeOptions = '--max-semi-space-size=32';
/** The lowest priority that Linux has. */
const lowest = 19;

/** A process of the distributed mode, as a user starts it. */
export class ClusterProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly said: () => string,
  ) {}

  /** @throws Error with what it said when it does not come up. */
  static async start(name: string, config: string): Promise<ClusterProcess> {
    const { program, args } = gatewatch([name, '--config', config]);
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${nodeOptions}` },
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    child.stdout.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    const until = performance.now() + patience;
    while (performance.now() < until && child.exitCode === null) {
      const url = /is up: (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (url) return new ClusterProcess(child, url, () => said);
      await sleep(10);
    }
    child.kill('SIGKILL');
    throw new Error(`gatewatch ${name} did not come up: ${said}`);
  }

  /** Processor time so far, start-up included, in seconds. */
  cpu(): number {
    return cpuOf(this.child.pid ?? -1);
  }

  /** Records before the ends of the partitions of one group; undefined while fewer than so many partitions have a task. */
  async lag(task: string, tasks = partitions): Promise<number | undefined> {
    const text = await this.#metrics();
    const found = [...text.matchAll(new RegExp(`gatewatch_kafka_lag_records\\{task="${task}",[^}]*\\} (\\d+)`, 'g'))];
    return found.length < tasks ? undefined : found.reduce((sum, [, lag]) => sum + Number(lag), 0);
  }

  /** Group keys that the windows of this process hold. */
  async keys(): Promise<number> {
    const text = await this.#metrics();
    return [...text.matchAll(/^gatewatch_task_keys\{[^}]*\} (\d+)/gm)].reduce((sum, [, keys]) => sum + Number(keys), 0);
  }

  /**
   * A process that takes in a million keys does nothing else for seconds, and then closes connections that it takes for idle before it looks whether something has come by
   * them: so each request has a connection of its own, and is made again as long as the process lives.
   * @throws Error with what the process said last where it does not answer.
   */
  async #metrics(): Promise<string> {
    const end = performance.now() + patience;
    for (;;) {
      try {
        return await (await fetch(`${this.url}/metrics`, { headers: { connection: 'close' } })).text();
      } catch (error) {
        const { exitCode, signalCode } = this.child;
        if (exitCode !== null || signalCode !== null || performance.now() > end)
          throw new Error(`the process does not answer (exit code ${exitCode}, signal ${signalCode}); it said: ${this.said()}`, {
            cause: error,
          });
        await sleep(100);
      }
    }
  }

  async kill(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 30_000);
    await ended;
    clearTimeout(timer);
  }
}

/** User and system time of a process, in seconds. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksASecond;
}

/** Waits until a condition holds, looking often. @throws Error when it never does. */
export async function until(what: string, holds: () => Promise<boolean>, every = 100): Promise<void> {
  const end = performance.now() + patience * 5;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await sleep(every);
  }
}

export interface ClusterSettings {
  /** Begins the names of all topics; the source's topic is `PREFIX-access`. */
  readonly prefix: string;
  /** Ends the names of the data streams; the prefix where absent. */
  readonly namespace?: string;
  /** Of the topics that Gatewatch makes; three where absent. */
  readonly partitions?: number;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Real engines for a goal, and a client of its own. */
export class BenchCluster {
  readonly client: Client;
  readonly admin: Admin;
  readonly producer: Producer;

  private constructor(
    readonly kafka: Kafka,
    readonly elastic: Elasticsearch | undefined,
  ) {
    useCodecs();
    this.client = new KafkaClient({ clientId: 'bench', brokers: [...kafka.brokers], logLevel: logLevel.NOTHING });
    this.admin = this.client.admin();
    this.producer = this.client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }

  static async start({ elasticsearch }: { elasticsearch: boolean }): Promise<BenchCluster> {
    const [kafka, elastic] = await Promise.all([
      startKafka({ heap: '1g' }),
      elasticsearch ? startElasticsearch({ heap: '2g' }) : Promise.resolve(undefined),
    ]);
    const cluster = new BenchCluster(kafka, elastic);
    await Promise.all([cluster.admin.connect(), cluster.producer.connect()]);
    return cluster;
  }

  /** A topic of records, whose time is the broker's. */
  async topic(topic: string): Promise<void> {
    const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }];
    await this.admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: true });
    // Named leaders may not know of it yet: they refuse messages until then.
    const hosted = (): Promise<boolean> =>
      this.admin.fetchTopicOffsets(topic).then(
        ({ length }) => length === partitions,
        () => false,
      );
    await until(`the partitions of ${topic}`, hosted);
  }

  /** Lines of a file, a message each; `keyOf` says which lines meet in one partition, else they go round. */
  async fill(topic: string, path: string, keyOf?: (line: string) => string): Promise<void> {
    let waiting: { value: string; key?: string; partition?: number }[] = [];
    let count = 0;
    const send = async (): Promise<void> => {
      await this.producer.send({ topic, compression: CompressionTypes.LZ4, messages: waiting });
      waiting = [];
    };
    for await (const value of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      waiting.push(keyOf ? { value, key: keyOf(value) } : { value, partition: (count++ >> 9) % partitions });
      if (waiting.length === 3000) await send();
    }
    if (waiting.length) await send();
  }

  /** Configuration of the distributed mode; JSON is YAML. */
  settings({ prefix, namespace = prefix, partitions: own = partitions, more }: ClusterSettings): string {
    const bulk = { retry_for: '5s' };
    return JSON.stringify({
      http: { port: 0 },
      kafka: { brokers: this.kafka.brokers, prefix, partitions: own, replication: 1 },
      elasticsearch: { nodes: [this.elastic?.url ?? 'http://127.0.0.1:9'], namespace, retention: '36500d', bulk },
      ingest: { hash_key: 'a key of the benchmark, and of nobody else' },
      sources: [{ name: 'edge', topics: [`${prefix}-access`], time_zone: 'UTC' }],
      ...more,
    });
  }

  /** A request to Elasticsearch. @throws Error when it is refused. */
  async ask<T>(path: string, init: { method?: string; body?: string } = {}): Promise<T> {
    const answer = await fetch(`${this.elastic!.url}${path}`, { ...init, headers: { 'content-type': 'application/json' } });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
    return (await answer.json()) as T;
  }

  /** The store has what processor time the others leave, as `docker-compose.yml` has it: detection comes first, and what is stored later is not lost. */
  yieldStore(): void {
    const pid = this.elastic?.pid();
    // The threads that there are; those to come take it from them.
    if (pid !== undefined) for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), lowest);
  }

  /** Documents written to the stream of events so far, searchable or not. */
  async written(namespace: string): Promise<number> {
    const answer = await fetch(`${this.elastic!.url}/logs-gatewatch.events-${namespace}/_stats/indexing`);
    if (!answer.ok) return 0;
    const stats = (await answer.json()) as { _all: { primaries: { indexing?: { index_total: number } } } };
    return stats._all.primaries.indexing?.index_total ?? 0;
  }

  async stop(): Promise<void> {
    await Promise.all([this.producer.disconnect(), this.admin.disconnect()]);
    await Promise.all([this.kafka.stop(), this.elastic?.stop()]);
  }
}
