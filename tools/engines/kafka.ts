import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { EngineProcess } from './engine-process.js';
import { engineHome } from './jars.js';
import { findJdk, hasMaven, installJava } from './java.js';
import { freePorts } from './place.js';
import { EnginesMissing } from './way.js';

const run = promisify(execFile);

/** Kafka as tests and `npm run engines` start it. */
export interface Kafka {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
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
  /** Further lines of `server.properties`. */
  readonly properties?: Readonly<Record<string, string>>;
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
  properties = {},
}: KafkaOptions = {}): Promise<Kafka> {
  const address = process.env['KAFKA_BROKERS'];
  if (address) return given(address.split(','));
  const jdk = await jdkForKafka();
  const home = await engineHome({ engine: 'kafka', version, jdk });
  const scratch = mkdtempSync(join(tmpdir(), 'gatewatch-kafka-'));
  const ports = await freePorts(count * 2);
  const java = { program: join(jdk.home, 'bin/java'), classPath: [join(home, 'classes'), join(home, 'lib/*')].join(delimiter) };
  const cluster = (await run(java.program, ['-cp', java.classPath, 'kafka.tools.StorageTool', 'random-uuid'])).stdout.trim();
  const nodes = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const folder = join(scratch, `broker-${at}`);
      mkdirSync(folder);
      const file = join(folder, 'server.properties');
      writeFileSync(file, lines({ ...settingsOf(at, ports, folder), ...properties }));
      await run(java.program, ['-cp', java.classPath, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', file]);
      const args = [`-Xmx${heap}`, '-cp', java.classPath, 'WithParent', 'kafka.Kafka', file];
      return new EngineProcess({ program: java.program, args, folder, log: join(folder, 'kafka.log') });
    }),
  );
  const startBroker = (at: number): Promise<void> => nodeAt(nodes, at).start(() => accepts(ports[at]!));
  await Promise.all(nodes.map((_, at) => startBroker(at)));
  return {
    brokers: nodes.map((_, at) => `127.0.0.1:${ports[at]}`),
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
  return { brokers, given: true, pid: () => undefined, stopBroker: refuse, startBroker: refuse, stop: async () => undefined };
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

function lines(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
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
