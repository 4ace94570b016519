import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#telemetry';

/** Nest's own words in our log: its start-up lines are details, its errors are errors. */
export function nestLogger(logger: Logger): LoggerService {
  const told =
    (level: 'error' | 'warn' | 'debug') =>
    (message: unknown, ...rest: unknown[]): void =>
      logger[level](message instanceof Error ? message.message : String(message), { context: rest.at(-1) });
  return { log: told('debug'), error: told('error'), warn: told('warn'), debug: told('debug'), verbose: told('debug') };
}
