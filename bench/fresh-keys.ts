import { Event, FieldIndex, slot } from '#ecs';
import { buildDetector, defaultDetectorSettings, loadRules, ruleTypes } from '#detection';

/** What one measurement found: for each tenth of the flood the events a second and the resident memory. */
export interface FreshKeys {
  readonly rates: readonly number[];
  readonly rss: readonly number[];
  readonly keys: number;
  readonly evicted: number;
  /** Signals about the detector itself that say so. */
  readonly told: number;
}

const start = Date.UTC(2026, 0, 15);
const eventsACommit = 1000;

/** Run as a process of its own: `node fresh-keys.js KEYS`. Each event comes from an address of its own, a hundred thousand a second of event time. */
function measure(keys: number): FreshKeys {
  const index = new FieldIndex();
  const { rules, problems } = loadRules([{ file: 'flood.yml', text: rule.map((each) => JSON.stringify(each)).join('\n---\n') }], { index, ruleTypes }); // prettier-ignore
  if (problems.length) throw new Error(problems.map(({ message }) => message).join('; '));
  const detector = buildDetector({
    rules,
    index,
    host: { resolve: (event, at) => event.values[at], line: () => undefined },
    settings: { ...defaultDetectorSettings, durable: false },
  });
  const told = new Set<string>();
  const rates: number[] = [];
  const rss: number[] = [];
  const part = Math.ceil(keys / 10);
  for (let from = 0; from < keys; from += part) {
    const began = performance.now();
    for (let key = from; key < Math.min(from + part, keys); key++) {
      detector.observe(eventOf(key));
      // As a fold does it: signals are taken with each commit, not with each event.
      if (key % eventsACommit !== 0 || !detector.changed) continue;
      const about = detector.changes().filter(({ rule: { id } }) => id === 'gatewatch-detector-keys');
      for (const { id } of about) told.add(id);
    }
    rates.push((part / (performance.now() - began)) * 1000);
    rss.push(process.memoryUsage().rss);
  }
  for (const { id, rule: about } of detector.changes()) if (about.id === 'gatewatch-detector-keys') told.add(id);
  const { keys: live, evicted } = detector.counts();
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0);
  return { rates, rss, keys: sum(live), evicted: sum(evicted), told: told.size };
}

const rule = [
  {
    title: 'Seen',
    name: 'seen',
    id: '5b0c1d1e-0000-4000-a000-000000000001',
    detection: { selection: { 'http.response.status_code': 401 }, condition: 'selection' },
  },
  {
    title: 'Burst',
    name: 'burst',
    id: '5b0c1d1e-0000-4000-a000-000000000002',
    correlation: { type: 'event_count', rules: ['seen'], 'group-by': ['source.ip'], timespan: '5m', condition: { gte: 10 } },
  },
  {
    title: 'Spray',
    name: 'spray',
    id: '5b0c1d1e-0000-4000-a000-000000000003',
    correlation: {
      type: 'value_count',
      rules: ['seen'],
      'group-by': ['source.ip'],
      timespan: '5m',
      condition: { gte: 10, field: 'user.name' },
    },
  },
];

function eventOf(key: number): Event {
  const event = new Event(key, start, 'bench', { tag: 'bench0000000', position: key });
  event.time = event.stamp = start + Math.floor(key / 100);
  event.values[slot['source.ip']] = Buffer.from(`${11 + (key >>> 24)}.${(key >>> 16) & 255}.${(key >>> 8) & 255}.${key & 255}`).toString(
    'latin1',
  );
  event.values[slot['user.name']] = `u${key % 1000}`;
  event.values[slot['http.response.status_code']] = 401;
  return event;
}

process.stdout.write(`${JSON.stringify(measure(Number(process.argv[2] ?? '10000000')))}\n`);
