import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel, type Admin, type Consumer, type Producer } from 'kafkajs';
import type { Signal } from '#ecs';
import { useCodecs } from '#kafka';

const bin = fileURLToPath(new URL('../../bin/gatewatch.js', import.meta.url));

/** A process of the distributed mode. */
export class ClusterProcess {
  output = '';
  url = '';
  readonly exited: Promise<number | null>;

  private constructor(readonly child: ChildProcess) {
    this.exited = new Promise((resolve) => child.on('close', (code) => resolve(code)));
  }

  static async start(name: string, config: string): Promise<ClusterProcess> {
    const child = spawn(process.execPath, [bin, name, '--config', config], {
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const made = new ClusterProcess(child);
    await new Promise<void>((resolve, reject) => {
      const read = (text: string): void => {
        made.output += text;
        const found = /is up: (http:\/\/127\.0\.0\.1:\d+)/.exec(made.output);
        if (found && !made.url) {
          made.url = found[1]!;
          resolve();
        }
      };
      child.stdout.setEncoding('utf8').on('data', read);
      child.stderr.setEncoding('utf8').on('data', read);
      child.on('close', (code) => reject(new Error(`gatewatch ${name} ended with ${code} before it was up:\n${made.output}`)));
    });
    return made;
  }

  async health(): Promise<{ status: string; checks: Record<string, unknown> }> {
    return (await (await fetch(`${this.url}/health/ready`)).json()) as { status: string; checks: Record<string, unknown> };
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async end(name: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    this.child.kill('SIGCONT');
    this.child.kill(name);
    return this.exited;
  }
}

export interface SettingsOver {
  readonly brokers: readonly string[];
  readonly elasticsearch: string;
  readonly namespace: string;
  readonly prefix: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Writes a configuration file (JSON is YAML) and gives its path. */
export function writeSettings(dir: string, { brokers, elasticsearch, namespace, prefix, more }: SettingsOver): string {
  const file = join(dir, `${prefix}.yml`);
  const settings = {
    http: { port: 0 },
    kafka: { brokers, prefix, partitions: 3, replication: 1, timeout: '10s' },
    elasticsearch: { nodes: [elasticsearch], namespace, bulk: { retry_for: '5s' } },
    ingest: { hash_key: 'a key of the tests, and of nobody else' },
    sources: [{ name: 'edge', topics: [`${prefix}-access`], time_zone: 'UTC' }],
    // Time runs on by itself when nothing comes any more: not while a test compares.
    detection: { idle_after: '1h' },
    ...more,
  };
  writeFileSync(file, JSON.stringify(settings, null, 1));
  return file;
}

/** A client of the test's own. */
export class TestCluster {
  readonly client: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly #consumers: Consumer[] = [];

  constructor(brokers: readonly string[]) {
    useCodecs();
    this.client = new Kafka({ clientId: 'test', brokers: [...brokers], logLevel: logLevel.NOTHING });
    this.admin = this.client.admin();
    this.producer = this.client.producer({ idempotent: true, maxInFlightRequests: 1 });
  }

  async connect(): Promise<void> {
    await this.admin.connect();
    await this.producer.connect();
  }

  async topic(topic: string, numPartitions: number, replicationFactor = 1): Promise<void> {
    const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }];
    await this.admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor, configEntries }], waitForLeaders: true });
    // The controller has named the leaders; under load a broker hears of it later, and refuses messages until then.
    for (;;) {
      const offsets = await this.admin.fetchTopicOffsets(topic).catch(() => []);
      if (offsets.length === numPartitions) return;
      await sleep(100);
    }
  }

  /** Each line is a message; where it goes is decided by its text, so that a line that is sent twice meets itself. */
  async send(topic: string, lines: readonly string[], partitions: number): Promise<void> {
    const messages = lines.map((value) => ({ value, partition: createHash('md5').update(value).digest()[0]! % partitions }));
    for (let at = 0; at < messages.length; at += 2000) await this.producer.send({ topic, messages: messages.slice(at, at + 2000) });
  }

  /** Follows the signals: the newest revision of each, and whether a revision that comes again says the same. */
  async signals(prefix: string): Promise<SignalWatch> {
    const consumer = this.client.consumer({ groupId: `test-${Math.random()}`, maxWaitTimeInMs: 100 });
    this.#consumers.push(consumer);
    const watch = new SignalWatch();
    await consumer.connect();
    await consumer.subscribe({ topics: [`${prefix}.signals`], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        if (message.value) watch.take(JSON.parse(message.value.toString()) as Signal);
      },
    });
    return watch;
  }

  async close(): Promise<void> {
    for (const consumer of this.#consumers) await consumer.disconnect();
    await this.producer.disconnect();
    await this.admin.disconnect();
  }
}

export class SignalWatch {
  readonly newest = new Map<string, Signal>();
  /** Revisions that came again and said something else: there must be none. */
  readonly contradicted: string[] = [];
  readonly #texts = new Map<string, string>();

  take(signal: Signal): void {
    const revision = `${signal.id}/${signal.revision}`;
    // Which of the events are shown as evidence may depend on where a fold began; what the signal states may not.
    const text = `${factOf(signal)} ${signal.status}`;
    if ((this.#texts.get(revision) ?? text) !== text) this.contradicted.push(revision);
    this.#texts.set(revision, text);
    if ((this.newest.get(signal.id)?.revision ?? -1) < signal.revision) this.newest.set(signal.id, signal);
  }

  /** What two modes must agree on, sorted. Merged episodes have become part of others. */
  facts(): string[] {
    return [...this.newest.values()]
      .filter(({ status }) => status !== 'merged')
      .map(factOf)
      .sort();
  }
}

/** Rule, group key, count, first and last event. */
export function factOf({ rule, group, count, first, last }: Pick<Signal, 'rule' | 'group' | 'count' | 'first' | 'last'>): string {
  const key = Object.entries(group)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
  return `${rule.id} ${key} ${count} ${new Date(first).toISOString()} ${new Date(last).toISOString()}`;
}

/** What one list lacks and what it has too much, for a message that says more than that they differ. */
export function difference(expected: readonly string[], found: readonly string[]): { missing: string[]; foreign: string[] } {
  const [one, other] = [new Set(expected), new Set(found)];
  return { missing: expected.filter((fact) => !other.has(fact)), foreign: found.filter((fact) => !one.has(fact)) };
}
