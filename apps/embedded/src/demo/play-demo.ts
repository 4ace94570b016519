import type { Clock } from '#time';
import { generateTraffic } from '#traffic';
import type { Service } from '../service/service.js';
import { countRecords } from '../sources/records.js';

export interface DemoParts {
  readonly service: Service;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly tell: (text: string) => void;
}

const lines = 60_000;
/** The day passes in about this time. */
const playedIn = 60_000;
const seed = 7;

/** Plays a generated day, ending now, into the log as the source `demo`. */
export async function playDemo({ service, clock, stop, tell }: DemoParts): Promise<void> {
  const traffic = generateTraffic({ seed, lines, end: clock.now(), format: 'ecs' });
  const attacks = traffic.planted.filter(({ kind }) => kind !== 'near_miss');
  tell(
    `Demo: a generated day with ${lines.toLocaleString('en-US')} requests and ${attacks.length} planted attacks passes in about a minute.\n\n`,
  );
  const pieces = Math.ceil((lines * 420) / (1 << 16));
  for await (const payload of traffic.blocks()) {
    if (stop.aborted) return;
    await service.engine.log.append([{ source: 'demo', arrival: clock.now(), payload, count: countRecords(payload) }]);
    await clock.sleep(playedIn / pieces, stop);
  }
  tell('Demo: the day is over; what was found can be asked for. Ctrl-C ends Gatewatch.\n');
}
