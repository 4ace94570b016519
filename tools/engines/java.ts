import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A JDK that was found: the engines need its `java` and its `javac`. */
export interface Jdk {
  readonly home: string;
  readonly major: number;
}

/**
 * Options of `java` for an engine of a few minutes: only the fast compiler and the plain collector. What starts and ends costs half of the
 * processor time then; what runs for long is slower.
 */
export const forMinutes = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'] as const;

const places = ['/usr/lib/jvm', '/usr/java', '/opt/java', '/Library/Java/JavaVirtualMachines'];

/** The newest JDK on this machine of at least this version, from `JAVA_HOME` and the usual places. */
export function findJdk(atLeast: number): Jdk | undefined {
  const homes = [process.env['JAVA_HOME'] ?? '', ...places.flatMap((place) => childrenOf(place))];
  const found = homes.flatMap((home) => [home, join(home, 'Contents/Home')]).flatMap((home) => jdkAt(home) ?? []);
  return found.filter(({ major }) => major >= atLeast).sort((a, b) => b.major - a.major)[0];
}

function childrenOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function jdkAt(home: string): Jdk | undefined {
  if (home === '' || !existsSync(join(home, 'bin/javac')) || !existsSync(join(home, 'release'))) return undefined;
  const major = /JAVA_VERSION="(?:1\.)?(\d+)/.exec(readFileSync(join(home, 'release'), 'utf8'))?.[1];
  return major === undefined ? undefined : { home, major: Number(major) };
}

export async function hasMaven(): Promise<boolean> {
  return runs('mvn', ['-v']);
}

export async function runs(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, [...args], { timeout: 20_000 }).then(
    () => true,
    () => false,
  );
}

/**
 * Where Debian's packages are at hand and we may install them, gets a JDK and Maven. The newest JDK of the release is taken: it decides which
 * Elasticsearch can run. Quietly does nothing elsewhere: the caller looks again and says what is missing.
 */
export async function installJava(): Promise<void> {
  if (process.getuid?.() !== 0 || !(await runs('apt-get', ['--version']))) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env, timeout: 300_000 }).catch(() => undefined);
  for (const version of [25, 21, 17]) {
    const packages = ['maven', `openjdk-${version}-jdk-headless`];
    const done = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env, timeout: 900_000 }).then(
      () => true,
      () => false,
    );
    if (done) return;
  }
}
