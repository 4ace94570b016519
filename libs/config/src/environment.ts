/** Names and values as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A copy of the process's environment. Nothing else in Gatewatch reads it: who needs a value gets it through the configuration. */
export function readEnvironment(): Environment {
  return { ...process.env };
}
