import { systemClock, type Clock } from '#time';
import { destination as openDestination, pino } from 'pino';
import { plainFacts } from './facts.js';
import { prettyLine } from './pretty.js';
import type { Facts, Logger } from './telemetry.js';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** The least severe level that is written. */
  readonly level: LogLevel | 'silent';
  /** Takes whole lines; standard error if absent, so that standard output stays for results. */
  readonly destination?: { write(line: string): unknown };
  /** For a person at a terminal instead of one JSON object a line. */
  readonly pretty?: boolean;
  /** Colours in pretty mode. */
  readonly colour?: boolean;
  readonly clock?: Clock;
}

/**
 * A logger over pino. One line is `{"@timestamp", "log.level", "message", …facts}` (ECS names). Secrets never reach the line; in pretty mode nothing
 * in a fact can steer a terminal. Lines are written at once, so that a killed process has told what it did.
 */
export function createLogger({ level, destination, pretty = false, colour = false, clock = systemClock }: LoggerOptions): Logger {
  const sink = destination ?? standardError();
  const lines = pretty
    ? { write: (line: string): void => void sink.write(prettyLine(line, colour)) }
    : { write: (line: string): void => void sink.write(line) };
  const writer = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"@timestamp":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ 'log.level': label }) },
    },
    lines,
  );
  const at = (name: LogLevel) => (message: string, facts?: Facts) => {
    if (!writer.isLevelEnabled(name)) return;
    if (facts) writer[name](readable(facts), message);
    else writer[name](message);
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

/** A fact whose getter throws must not stop the work that it tells of. */
function readable(facts: Facts): object {
  try {
    return plainFacts(facts);
  } catch (error) {
    return { facts: `<unreadable: ${error instanceof Error ? error.name : typeof error}>` };
  }
}

function standardError(): { write(line: string): unknown } {
  const stream = openDestination({ fd: 2, sync: true });
  // Whoever read our standard error has gone: there is nobody left to tell.
  stream.on('error', () => {});
  return stream;
}
