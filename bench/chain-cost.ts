import { readFileSync } from 'node:fs';
import { buildDetector, defaultDetectorSettings, loadRules, readRuleFiles, ruleTypes, shippedRulesDir } from '#detection';
import { FieldIndex, type Event } from '#ecs';
import { buildEnrichers, buildIngest, type Ingest } from '#ingest';

/** What is done to a line between log and signal: only what the rules ask for, that with every enricher, or every field by every enricher. */
export const chains = ['plain', 'lazy', 'full'] as const;
export type Chain = (typeof chains)[number];

export interface ChainCost {
  readonly events: number;
  /** Microseconds of processor time for an event. */
  readonly event: number;
  readonly signals: number;
}

const blockSize = 1 << 20;

/** Run as a process of its own: `node chain-cost.js CHAIN LOG FEED`. The first tenth warms up. */
function measure(chain: Chain, log: string, feed: string): ChainCost {
  const index = new FieldIndex();
  const { rules } = loadRules(readRuleFiles(shippedRulesDir()), { index, ruleTypes });
  const feeds = [{ name: 'bench', file: feed, confidence: 'medium' as const, expires: 365 * 86_400_000 }];
  const ingest = buildIngest({
    source: (name) => ({ name, format: 'auto', timeZone: 'UTC' }),
    index,
    enrichers: chain === 'plain' ? [] : buildEnrichers({ feeds }),
    eager: chain === 'full' ? 'all' : rules.matcher.fields,
    keepOriginal: chain === 'full',
  });
  const detector = buildDetector({
    rules,
    index,
    host: { resolve: (event, at) => ingest.resolve(event as Event, at), line: (event) => ingest.line(event as Event) },
    settings: { ...defaultDetectorSettings, durable: false },
  });
  const bytes = readFileSync(log);
  const told = new Set<string>();
  let events = 0;
  let measured = 0;
  let started = process.cpuUsage();
  for (const payload of blocksOf(bytes)) {
    for (const event of eventsOf(ingest, payload)) {
      detector.observe(event);
      events++;
    }
    for (const { id } of detector.changes()) told.add(id);
    if (measured > 0 || payload.byteOffset - bytes.byteOffset < bytes.length / 10) continue;
    measured = events;
    started = process.cpuUsage();
  }
  const { user, system } = process.cpuUsage(started);
  return { events, event: (user + system) / (events - measured), signals: told.size };
}

function* blocksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = at + blockSize >= bytes.length ? bytes.length : bytes.lastIndexOf(10, at + blockSize) + 1;
    yield bytes.subarray(at, end);
    at = end;
  }
}

function eventsOf(ingest: Ingest, payload: Buffer): readonly Event[] {
  let count = 0;
  for (let at = payload.indexOf(10); at >= 0; at = payload.indexOf(10, at + 1)) count++;
  if (payload[payload.length - 1] !== 10) count++;
  return ingest.ingest({ source: 'bench', arrival: Date.now(), offset: 0, count, payload }).events;
}

const [chain = 'plain', log = '', feed = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(measure(chain as Chain, log, feed))}\n`);
