import type { StateReader, StateWriter } from '#detection';

/** A part of a task's state under a prefix of its own, so that two keepers of state cannot meet. */
export function namespacedWriter(writer: StateWriter, prefix: string): StateWriter {
  return { put: (key, value) => writer.put(prefix + key, value), remove: (key) => writer.remove(prefix + key) };
}

export function namespacedReader(reader: StateReader, prefix: string): StateReader {
  return {
    *entries() {
      for (const [key, value] of reader.entries()) if (key.startsWith(prefix)) yield [key.slice(prefix.length), value] as const;
    },
  };
}
