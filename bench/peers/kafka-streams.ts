import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findJdk } from '../../tools/engines/java.js';
import { kafkaVersion } from '../../tools/engines/kafka.js';
import { cacheFolder } from '../../tools/engines/place.js';
import type { BenchCluster } from '../cluster.js';
import { run } from '../measure.js';
import { root } from '../product.js';

const execute = promisify(execFile);
const sources = join(root, 'bench/peers');

/** Kafka Streams counts a topic's records by key in a sliding window, until it has taken all of them. Seconds. */
export async function slidingCount(
  cluster: BenchCluster,
  { topic, events, round }: { readonly topic: string; readonly events: number; readonly round: number },
): Promise<{ readonly cpu: number; readonly wall: number }> {
  const jdk = findJdk(17);
  if (!jdk) throw new Error('there is no JDK 17 for Kafka Streams');
  const home = await streamsHome(jdk.home);
  const classPath = [join(home, 'classes'), join(home, 'lib/*')].join(delimiter);
  const args = ['-Xmx1g', '-cp', classPath, 'SlidingCount', cluster.kafka.brokers.join(','), topic, String(events), `streams-${round}`];
  const { cpu, wall } = await run({ program: join(jdk.home, 'bin/java'), args });
  return { cpu, wall };
}

/** A folder with the jars, fetched once, and our program. */
async function streamsHome(jdk: string): Promise<string> {
  const home = join(cacheFolder(), `kafka-streams-${kafkaVersion}`);
  if (!existsSync(join(home, 'lib'))) {
    const making = `${home}-${process.pid}`;
    mkdirSync(making, { recursive: true });
    const goal = ['dependency:copy-dependencies', `-Dkafka=${kafkaVersion}`, `-DoutputDirectory=${join(making, 'lib')}`];
    const args = ['-q', '-B', '-f', join(sources, 'kafka-streams.pom.xml'), ...goal];
    await execute('mvn', args, { env: { ...process.env, JAVA_HOME: jdk }, timeout: 600_000, maxBuffer: 1 << 26 });
    mkdirSync(dirname(home), { recursive: true });
    renameSync(making, home);
  }
  const compile = ['-d', join(home, 'classes'), '-cp', join(home, 'lib/*'), join(sources, 'SlidingCount.java')];
  await execute(join(jdk, 'bin/javac'), compile, { timeout: 120_000 });
  return home;
}
