import { findJdk, hasMaven, installJava, runs, type Jdk } from './java.js';

/** How an engine can be had here, in the order in which it is looked for. */
export type Way =
  { readonly kind: 'environment'; readonly address: string } | { readonly kind: 'docker' } | { readonly kind: 'java'; readonly jdk: Jdk };

export type EngineName = 'elasticsearch' | 'kafka';

const variables: Record<EngineName, string> = { elasticsearch: 'ELASTICSEARCH_URL', kafka: 'KAFKA_BROKERS' };

/** There is no engine here and no way to start one. */
export class EnginesMissing extends Error {
  override readonly name = 'EnginesMissing';
}

/**
 * Environment → Docker → Java and Maven, installing these where that is possible.
 * @param javas Versions of Java, of which the first that is there (or newer) is taken.
 * @throws EnginesMissing with what is missing and what helps.
 */
export async function wayFor(engine: EngineName, javas: readonly number[]): Promise<Way> {
  const address = process.env[variables[engine]];
  if (address) return { kind: 'environment', address };
  if (await runs('docker', ['info', '--format', '{{.ServerVersion}}'])) return { kind: 'docker' };
  const here = await java(javas);
  if (here) return here;
  await installJava();
  const installed = await java(javas);
  if (installed) return installed;
  throw new EnginesMissing(
    `No ${engine} to test with: ${variables[engine]} is not set, no Docker engine answers, and there is no JDK ${javas.join(' or ')} with Maven. ` +
      `Set ${variables[engine]}, start Docker, or install a JDK of version ${javas[0]} or later and Maven.`,
  );
}

async function java(versions: readonly number[]): Promise<Way | undefined> {
  const jdk = versions.flatMap((version) => findJdk(version) ?? [])[0];
  return jdk && (await hasMaven()) ? { kind: 'java', jdk } : undefined;
}
