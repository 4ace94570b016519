import { readEnvironment, type Environment } from '#config';

/** The streams and surroundings of a command: the process's own, or a test's. */
export interface Io {
  /** Resolves when there is room for more: back-pressure of a slow reader. */
  out(text: string): Promise<void>;
  err(text: string): void;
  /** Whether a person looks at stdout, at stderr. */
  readonly outTty: boolean;
  readonly errTty: boolean;
  /** Columns of the terminal that stdout is; absent where it is none. */
  readonly outColumns?: number | undefined;
  readonly env: Environment;
}

/** Exit codes: these three and no others, so that scripts can rely on them. */
export const exitCodes = { ok: 0, badInput: 1, badConfig: 78 } as const;

/** What ends a command with a message and a code. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly code: number = exitCodes.badInput,
  ) {
    super(message);
    this.name = 'CommandError';
  }
}

export function processIo(): Io {
  // The reader of a pipe (`head`) may leave: then there is nobody to write for, and that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    throw error;
  });
  let drained: Promise<void> | undefined;
  return {
    out: (text) => {
      if (process.stdout.write(text)) return Promise.resolve();
      // One listener, however many writes wait.
      drained ??= new Promise<void>((resolve) => process.stdout.once('drain', resolve)).then(() => void (drained = undefined));
      return drained;
    },
    err: (text) => void process.stderr.write(text),
    outTty: process.stdout.isTTY ?? false,
    errTty: process.stderr.isTTY ?? false,
    // 0 where the terminal does not know.
    outColumns: process.stdout.isTTY ? process.stdout.columns || undefined : undefined,
    env: readEnvironment(),
  };
}
