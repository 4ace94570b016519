import type { Provider } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import type { Logger } from '#telemetry';
import type { Millis } from '#time';

/** Work done now and then: retention, compaction, pruning. */
export type Schedule = { readonly name: string; readonly run: () => Promise<void> | void } & (
  | { readonly every: Millis }
  /** Five fields, or six with seconds, in UTC. */
  | { readonly cron: string }
);

/** A provider for each entry, as `@nestjs/schedule` wants to find them. They run from the start of the application until its end. */
export function scheduled(schedules: readonly Schedule[], logger: Logger): Provider[] {
  return schedules.map((schedule) => {
    const run = alone(schedule, logger);
    class Scheduled {
      run(): Promise<void> {
        return run();
      }
    }
    const method = Object.getOwnPropertyDescriptor(Scheduled.prototype, 'run')!;
    const { name } = schedule;
    const decorate = 'every' in schedule ? Interval(name, schedule.every) : Cron(schedule.cron, { name, timeZone: 'UTC' });
    decorate(Scheduled.prototype, 'run', method);
    return { provide: Symbol(name), useClass: Scheduled };
  });
}

/** Never two runs of the same work at a time; a failure is told and does not stop the next run. */
export function alone({ name, run }: Schedule, logger: Logger): () => Promise<void> {
  let running = false;
  return async () => {
    if (running) return;
    running = true;
    try {
      await run();
    } catch (error) {
      logger.error('Scheduled work failed; it is tried again at its next time.', { schedule: name, error });
    } finally {
      running = false;
    }
  };
}
