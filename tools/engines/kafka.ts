import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { EngineProcess } from './engine-process.js';
import { engineHome } from './jars.js';
import { findJdk, forMinutes, hasMaven, installJava } from './java.js';
import { freePorts } from './place.js';
import { EnginesMissing } from './way.js';

const run = promisify(execFile);

/** Kafka as tests and `npm run engines` start it. */
export interface Kafka {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  /** `host:port` of the first broker's further listeners, by their names. */
  readonly listeners: Readonly<Record<string, string>>;
  /** Whether it comes from `KAFKA_BROKERS`: such brokers cannot be stopped. */
  readonly given: boolean;
  readonly pid: (broker: number) => number | undefined;
  /** Where a broker of ours keeps its partitions. */
  readonly dataFolder?: (broker: number) => string;
  /** SIGKILL to one broker, counted from 0. */
  stopBroker(broker: number): Promise<void>;
  /** Starts it again, on the same port and with what it kept. */
  startBroker(broker: number): Promise<void>;
  stop(): Promise<void>;
}

export interface KafkaOptions {
  readonly brokers?: 1 | 3;
  readonly version?: string;
  readonly heap?: string;
  /** For the few minutes of a test, not for measuring. */
  readonly brief?: boolean;
  /** Further lines of `server.properties`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Listeners beside the plain one, with one broker: by name, in capitals, the protocol and the settings of that listener. */
  readonly listeners?: Readonly<Record<string, KafkaListener>>;
  /** Users who log in by SCRAM: `SCRAM-SHA-256=[name=…,password=…]`. */
  readonly scram?: readonly string[];
  /** Options of the Java machine beside the heap. */
  readonly java?: readonly string[];
}

export interface KafkaListener {
  readonly protocol: 'SASL_PLAINTEXT' | 'SASL_SSL' | 'SSL';
  readonly settings: Readonly<Record<string, string>>;
}

export const kafkaVersion = '4.2.0';

/**
 * Brokers that are controllers as well (KRaft). Docker is not looked at: one process a broker is all that Kafka needs, and a broker can then be
 * killed and come back on its port.
 * @throws EnginesMissing where there is no way to start it.
 */
export async function startKafka({
  brokers: count = 1,
  version = kafkaVersion,
  heap = '512m',
  brief = false,
  properties = {},
  listeners = {},
  scram = [],
  java: flags = [],
}: KafkaOptions = {}): Promise<Kafka> {
  const address = process.env['KAFKA_BROKERS'];
  // Somebody else's brokers have the listeners that they have.
  if (address && Object.keys(listeners).length === 0) return given(address.split(','));
  const jdk = await jdkForKafka();
  const home = await engineHome({ engine: 'kafka', version, jdk });
  const scratch = mkdtempSync(join(tmpdir(), 'gatewatch-kafka-'));
  const more = Object.keys(listeners);
  const ports = await freePorts(count * 2 + more.length);
  const addresses = Object.fromEntries(more.map((name, at) => [name, `127.0.0.1:${ports[count * 2 + at]}`]));
  const java = { program: join(jdk.home, 'bin/java'), classPath: [join(home, 'classes'), join(home, 'lib/*')].join(delimiter) };
  // What Kafka's own tool makes, without a JVM for it.
  const cluster = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const nodes = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const folder = join(scratch, `broker-${at}`);
      mkdirSync(folder);
      const file = join(folder, 'server.properties');
      const settings = settingsOf(at, ports.slice(0, count * 2), folder);
      writeFileSync(file, lines({ ...settings, ...listening(settings, listeners, addresses), ...properties }));
      const users = scram.flatMap((user) => ['--add-scram', user]);
      const format = ['kafka.tools.StorageTool', 'format', '-t', cluster, '-c', file, ...users];
      await run(java.program, [...forMinutes, '-cp', java.classPath, ...format]);
      const args = [`-Xmx${heap}`, ...(brief ? forMinutes : []), ...flags, '-cp', java.classPath, 'WithParent', 'kafka.Kafka', file];
      return new EngineProcess({ program: java.program, args, folder, log: join(folder, 'kafka.log') });
    }),
  );
  const startBroker = (at: number): Promise<void> => nodeAt(nodes, at).start(() => accepts(ports[at]!));
  await Promise.all(nodes.map((_, at) => startBroker(at)));
  return {
    brokers: nodes.map((_, at) => `127.0.0.1:${ports[at]}`),
    listeners: addresses,
    given: false,
    pid: (at) => nodeAt(nodes, at).pid,
    dataFolder: (at) => join(scratch, `broker-${at}`, 'data'),
    startBroker,
    stopBroker: (at) => nodeAt(nodes, at).end('SIGKILL'),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.end('SIGKILL')));
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

function nodeAt(nodes: readonly EngineProcess[], at: number): EngineProcess {
  const node = nodes[at];
  if (!node) throw new Error(`There is no broker ${at}; there are ${nodes.length}.`);
  return node;
}

async function jdkForKafka(): Promise<{ home: string; major: number }> {
  for (const attempt of [undefined, installJava]) {
    await attempt?.();
    const jdk = findJdk(17);
    if (jdk && (await hasMaven())) return jdk;
  }
  throw new EnginesMissing('No Kafka to test with: KAFKA_BROKERS is not set, and there is no JDK 17 with Maven. Set it, or install both.');
}

function given(brokers: readonly string[]): Kafka {
  const refuse = (): Promise<never> => Promise.reject(new Error('These brokers come from KAFKA_BROKERS: they are not ours to stop.'));
  return {
    brokers,
    listeners: {},
    given: true,
    pid: () => undefined,
    stopBroker: refuse,
    startBroker: refuse,
    stop: async () => undefined,
  };
}

/** Brokers take the first half of the ports, controllers the second. */
function settingsOf(at: number, ports: readonly number[], folder: string): Record<string, string> {
  const count = ports.length / 2;
  const copies = String(Math.min(3, count));
  const enough = count >= 3 ? '2' : '1';
  return {
    'process.roles': 'broker,controller',
    'node.id': String(at + 1),
    'controller.quorum.voters': Array.from({ length: count }, (_, node) => `${node + 1}@127.0.0.1:${ports[count + node]}`).join(','),
    listeners: `PLAINTEXT://127.0.0.1:${ports[at]},CONTROLLER://127.0.0.1:${ports[count + at]}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports[at]}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'num.partitions': '3',
    'default.replication.factor': copies,
    'min.insync.replicas': enough,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': enough,
    'transaction.state.log.num.partitions': '5',
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': enough,
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    // A dead broker is noticed within seconds, so that a test of its loss is short.
    'broker.session.timeout.ms': '6000',
  };
}

/** What the further listeners add to the settings of a broker. */
function listening(
  settings: Readonly<Record<string, string>>,
  listeners: Readonly<Record<string, KafkaListener>>,
  addresses: Readonly<Record<string, string>>,
): Record<string, string> {
  const all = Object.entries(listeners);
  const join = (key: string, added: (name: string) => string): string => [settings[key], ...all.map(([name]) => added(name))].join(',');
  return {
    listeners: join('listeners', (name) => `${name}://${addresses[name]}`),
    'advertised.listeners': join('advertised.listeners', (name) => `${name}://${addresses[name]}`),
    'listener.security.protocol.map': join('listener.security.protocol.map', (name) => `${name}:${listeners[name]?.protocol}`),
    ...Object.fromEntries(
      all.flatMap(([name, listener]) =>
        Object.entries(listener.settings).map(([key, value]) => [`listener.name.${name.toLowerCase()}.${key}`, value]),
      ),
    ),
  };
}

/** A property file: a line break in a value (PEM) is written as an escape. */
function lines(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value.trimEnd().replaceAll('\n', '\\n')}\n`)
    .join('');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
