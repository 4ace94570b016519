import { Event } from '#ecs';
import { silentLogger } from '#telemetry';
import { openLocalEngine } from '../engine.js';

/** Appends for ever, to the log and to the store, and says so after each step: the process that `crash.spec.ts` kills. */
const engine = await openLocalEngine({ dir: process.argv.at(-1)!, logger: silentLogger, settings: { segmentRows: 500, reserveBytes: 0 } });
const { log, events, tasks } = engine;
let step = 0;
for (;;) {
  const count = step++ % 3 === 0 ? 800 : 40;
  const payload = Buffer.from(Array.from({ length: count }, (_, at) => `record ${at}`).join('\n'));
  const first = await log.append([{ source: 'web', arrival: 1, count, payload }], { file: String(log.end() + count) });
  const from = events.mark();
  const stretch = Array.from({ length: log.end() - from }, (_, at) => eventAt(from + at));
  await events.append({ from, to: log.end(), events: stretch, deadLetters: [], duplicates: [], blank: {} });
  await tasks.commit({ position: log.end(), signals: [] }, (into) => into.put(`at ${first % 7}`, Buffer.from(String(log.end()))));
  if (step % 4 === 0) await events.maintain(0);
  process.stdout.write(`${log.end()}\n`);
}

function eventAt(offset: number): Event {
  const event = new Event(offset, 1, 'web', { tag: 'abcdefghijkl', position: offset });
  event.time = event.stamp = offset;
  event.values[11] = `10.0.${(offset >> 8) % 256}.${offset % 256}`;
  return event;
}
