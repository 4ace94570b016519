import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, run } from '../measure.js';
import { gatewatch } from '../product.js';
import { amount, atLeast, megabytes, secondsOf, times } from '../report.js';
import { RunningService } from '../service.js';
import type { Log, Workload } from '../workload.js';
import type { Goal } from './goal.js';

const pollEvery = 200;
const patience = 30 * 60_000;

/** The running service on a file, until its last event can be searched, against `scan`. */
export const followAndStore: Goal = {
  number: 9,
  title: 'file → stored, detected, searchable ÷ scan without storing (events per second, wall)',
  must: '≥ 0.35',
  aim: '≥ 0.6',
  async run({ options, workload }) {
    const log = await workload.access(options.lines ?? 1_000_000);
    const last = await lastLine(log.path);
    // Nothing but what an outside log of another year needs: events are kept however old they are.
    const config = workload.write('gatewatch.yml', 'store: { keep_events: 36500d }\n');
    const rounds: { scan: number; whole: number; up: number; rss: number }[] = [];
    for (let round = 0; round < options.rounds; round++) {
      const scan = (await run(gatewatch(['scan', log.path, '--json']))).wall;
      rounds.push({ scan, ...(await followed(log, { config, last, workload })) });
    }
    const found = median(rounds.map(({ scan, whole }) => scan / whole));
    return {
      measured: true,
      figure: found,
      shown: times(found),
      verdict: atLeast(found, 0.35, 0.6),
      tables: [
        {
          head: ['round', 'scan', 'service', 'of it until it listens', 'events/s', 'ratio', 'peak RSS'],
          rows: rounds.map(({ scan, whole, up, rss }, i) => [
            String(i + 1),
            secondsOf(scan),
            secondsOf(whole),
            secondsOf(up),
            amount(log.lines / whole),
            times(scan / whole),
            megabytes(rss),
          ]),
        },
      ],
      notes: [
        `gatewatch start --data NEW --follow access.log --port 0 (${amount(log.lines)} lines), from the start of the process until /health shows everything`,
        'received, folded, stored and balanced, no signal pending, and GET /v1/events finds the last line; against gatewatch scan access.log --json',
      ],
      bound: 'the main thread: it parses and matches as scan does, and also writes the log and hands rows to the store’s thread',
    };
  },
};

async function followed(
  log: Log,
  { config, last, workload }: { config: string; last: LastLine; workload: Workload },
): Promise<{ whole: number; up: number; rss: number }> {
  const data = dirname(workload.file('data'));
  const started = performance.now();
  const service = await RunningService.start(['--config', config, '--data', data, '--follow', log.path]);
  try {
    const up = performance.now() - started;
    const until = started + patience;
    while (!(await service.settled(basename(log.path), log.lines))) {
      if (performance.now() > until) throw new Error('the service did not settle');
      await sleep(pollEvery);
    }
    while (!(await isFound(service, last))) {
      if (performance.now() > until)
        throw new Error(`the last event is not found: ${last.address} at ${new Date(last.time).toISOString()}`);
      await sleep(pollEvery);
    }
    return { whole: (performance.now() - started) / 1000, up: up / 1000, rss: service.memory.peak };
  } finally {
    await service.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

interface LastLine {
  readonly address: string;
  readonly time: number;
}

async function isFound(service: RunningService, { address, time }: LastLine): Promise<boolean> {
  const query = new URLSearchParams({ from: String(time), to: String(time + 1000), 'source.ip': address, limit: '1' });
  return (await service.get<{ data: unknown[] }>(`/v1/events?${query.toString()}`)).data.length > 0;
}

async function lastLine(path: string): Promise<LastLine> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, 65_536);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const line = buffer.toString('utf8').trimEnd().split('\n').at(-1) ?? '';
    const [, address, day, month, year, clock, zone] = /^(\S+) .*?\[(\d+)\/(\w+)\/(\d+):([\d:]+) ([+-]\d{4})\]/.exec(line) ?? [];
    if (!address) throw new Error(`${path} does not end with a line of combined format`);
    return { address, time: Date.parse(`${day} ${month} ${year} ${clock} ${zone}`) };
  } finally {
    await file.close();
  }
}
