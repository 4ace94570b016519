import type { Environment } from './environment.js';

export interface Interpolated {
  readonly text: string;
  /** Variables that were used, for messages. */
  readonly used: readonly string[];
  /** Variables that are neither set nor have a default. */
  readonly missing: readonly string[];
  /** The first `${` that is not `${NAME}` or `${NAME:-default}`. */
  readonly malformed?: string;
}

const reference = /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` (used when the variable is unset or empty, as in a shell); `$${` is a literal `${`.
 * What a variable holds is not interpolated again.
 */
export function interpolate(text: string, env: Environment): Interpolated {
  const used: string[] = [];
  const missing: string[] = [];
  let malformed: string | undefined;
  const replaced = text.replaceAll(reference, (found, name: string | undefined, byDefault: string | undefined, at: number) => {
    if (found === '$${') return '${';
    if (name === undefined) {
      malformed ??= text.slice(at, at + 30);
      return found;
    }
    used.push(name);
    const value = env[name];
    if (byDefault !== undefined) return value || byDefault;
    if (value === undefined) missing.push(name);
    return value ?? '';
  });
  return { text: replaced, used, missing, malformed };
}
