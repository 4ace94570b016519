import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Jdk } from './java.js';
import { cacheFolder, enginesFolder } from './place.js';

const run = promisify(execFile);

/** Raise it when what is put beside the jars changes. */
const layout = 2;

interface Wanted {
  readonly engine: 'elasticsearch' | 'kafka';
  readonly version: string;
  readonly jdk: Jdk;
}

/**
 * A folder with `lib/` (the engine's jars) and `classes/` (our launchers), fetched by Maven once and kept. It is made under another name and
 * renamed when whole, so that neither a crash nor a second process leaves half of one behind.
 */
export async function engineHome(wanted: Wanted): Promise<string> {
  const { engine, version, jdk } = wanted;
  const home = join(cacheFolder(), `${engine}-${version}-java${jdk.major}-${layout}`);
  if (existsSync(home)) return home;
  mkdirSync(cacheFolder(), { recursive: true });
  const making = mkdtempSync(join(cacheFolder(), 'making-'));
  try {
    await fetchJars(wanted, making);
    if (engine === 'elasticsearch') await prepareElasticsearch(making, version);
    await compile(wanted, making);
    renameSync(making, home);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
  return home;
}

async function fetchJars({ engine, version, jdk }: Wanted, home: string): Promise<void> {
  const property = engine === 'elasticsearch' ? 'es' : 'kafka';
  const pom = join(enginesFolder(), `${engine}.pom.xml`);
  const args = [
    '-q',
    '-B',
    '-f',
    pom,
    'dependency:copy-dependencies',
    `-D${property}=${version}`,
    `-DoutputDirectory=${join(home, 'lib')}`,
  ];
  await run('mvn', args, { env: { ...process.env, JAVA_HOME: jdk.home }, timeout: 900_000, maxBuffer: 1 << 26 });
}

async function compile({ engine, jdk }: Wanted, home: string): Promise<void> {
  const sources = engine === 'elasticsearch' ? ['WithParent.java', 'ElasticsearchNode.java'] : ['WithParent.java'];
  const modules = join(home, 'modules/transport-netty4');
  const path = [join(home, 'lib/*'), ...(existsSync(modules) ? [join(modules, '*')] : [])].join(delimiter);
  const args = ['-d', join(home, 'classes'), '-cp', path, ...sources.map((source) => join(enginesFolder(), source))];
  await run(join(jdk.home, 'bin/javac'), args, { timeout: 300_000 });
}

/** The node loads its HTTP layer as a module of its own, which a Maven repository holds as plain jars. */
async function prepareElasticsearch(home: string, version: string): Promise<void> {
  const module = join(home, 'modules/transport-netty4');
  mkdirSync(module, { recursive: true });
  mkdirSync(join(home, 'config'), { recursive: true });
  for (const jar of readdirSync(join(home, 'lib'))) {
    if (/^(transport-netty4|netty)-/.test(jar)) renameSync(join(home, 'lib', jar), join(module, jar));
  }
  const descriptor = {
    description: 'Netty 4 transport',
    version,
    name: 'transport-netty4',
    classname: 'org.elasticsearch.transport.netty4.Netty4Plugin',
    'java.version': version.startsWith('8.') ? '17' : '21',
    'elasticsearch.version': version,
    'extended.plugins': '',
    'has.native.controller': 'false',
    modulename: 'org.elasticsearch.transport.netty4',
  };
  const text = Object.entries(descriptor).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(module, 'plugin-descriptor.properties'), text.join(''));
}
