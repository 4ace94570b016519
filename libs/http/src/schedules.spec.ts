import { describe, expect, it } from 'vitest';
import { silentLogger } from '#telemetry';
import { alone } from './schedules.js';

describe('scheduled work', () => {
  it('never runs twice at a time, and runs again after a failure', async () => {
    const told: unknown[] = [];
    const logger = { ...silentLogger, error: (_message: string, facts?: unknown) => void told.push(facts) };
    let runs = 0;
    let finish = (): void => undefined;
    const run = alone(
      {
        name: 'retention',
        every: 1000,
        run: () => {
          runs++;
          return new Promise((_resolve, reject) => (finish = () => reject(new Error('disk'))));
        },
      },
      logger,
    );
    const first = run();
    await run();
    expect(runs).toBe(1);
    finish();
    await first;
    expect(told).toMatchObject([{ schedule: 'retention' }]);
    void run();
    expect(runs).toBe(2);
  });
});
