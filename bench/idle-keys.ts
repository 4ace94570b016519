import { Event, FieldIndex, slot } from '#ecs';
import { buildDetector, defaultDetectorSettings, loadRules, ruleTypes } from '#detection';

/** What one measurement found, in bytes. */
export interface IdleKeys {
  readonly windows: readonly string[];
  readonly keys: number;
  readonly heap: number;
  readonly external: number;
}

const window = (type: string, rules: readonly string[], condition?: object): object => ({
  type,
  rules,
  'group-by': ['source.ip'],
  timespan: '2h',
  ...(condition && { condition }),
});
const path = 'url.path';
const bytes = 'http.response.body.bytes';
const shapes: Readonly<Record<string, object>> = {
  event_count: window('event_count', ['seen'], { gte: 10 }),
  value_count: window('value_count', ['seen'], { gte: 10, field: path }),
  temporal_ordered: window('temporal_ordered', ['seen', 'never'], undefined),
  temporal: window('temporal', ['seen', 'never'], undefined),
  value_sum: window('value_sum', ['seen'], { gte: 1e9, field: bytes }),
  value_avg: window('value_avg', ['seen'], { gte: 1e9, field: bytes }),
  value_median: window('value_median', ['seen'], { gte: 1e9, field: bytes }),
  value_percentile: { ...window('value_percentile', ['seen'], { gte: 1e9, field: bytes }), percentile: 95 },
  crowd: window('crowd', ['seen'], { gte: 10, field: path }),
  new_value: window('new_value', ['seen'], { field: path }),
  geo_velocity: window('geo_velocity', ['seen']),
  ratio: { ...window('ratio', ['seen', 'never'], { gte: 10 }), share: 0.5 },
  spike: window('spike', ['seen'], { gte: 10 }),
  absence: window('absence', ['seen'], { gte: 1 }),
  sequence_walk: window('sequence_walk', ['seen'], { gte: 20, field: 'gatewatch.object.id' }),
  risk: window('risk', ['seen', 'never'], { gte: 100 }),
};

/**
 * Run as a process of its own: `node --expose-gc idle-keys.js KEYS TYPE…`. One event for each key, all inside of the window and all evaluated; the
 * difference of memory before and after, with everything collected that can be.
 */
function measure(keys: number, windows: readonly string[]): IdleKeys {
  const index = new FieldIndex();
  const { rules, problems } = loadRules(
    ruleTexts(windows).map((rule, i) => ({ file: `rule-${i}.yml`, text: JSON.stringify(rule) })),
    { index, ruleTypes },
  );
  if (problems.length) throw new Error(problems.map(({ message }) => message).join('; '));
  const detector = buildDetector({
    rules,
    index,
    host: { resolve: (event, at) => event.values[at], line: () => undefined },
    settings: defaultDetectorSettings,
  });
  const observe = (from: number, to: number): void => {
    for (let key = from; key < to; key++) detector.observe(eventOf(key));
  };
  const keep = { put: () => undefined, remove: () => undefined };
  // The first keys make what is there once: code, tables, buffers of the writer.
  const warm = 1000;
  observe(0, warm);
  detector.save(keep);
  const before = used();
  for (let from = warm; from < warm + keys; from += 10_000) {
    observe(from, Math.min(from + 10_000, warm + keys));
    // As the service does it at each checkpoint: keys that wait to be saved are no idle ones.
    detector.save(keep);
  }
  // What waited for the grace is decided: later events of a key that was there already.
  for (const minutes of [3, 4]) detector.observe(eventOf(0, minutes * 60_000));
  detector.save(keep);
  const after = used();
  const tracked = Object.values(detector.counts().keys).reduce((most, count) => Math.max(most, count), 0);
  return { windows, keys: tracked - warm, heap: after.heap - before.heap, external: after.external - before.external };
}

function ruleTexts(windows: readonly string[]): object[] {
  const detection = (name: string, code: number): object => ({
    title: name,
    name,
    id: `5b0c1d1e-0000-4000-8001-${String(code).padStart(12, '0')}`,
    status: 'test',
    logsource: { category: 'webserver' },
    detection: { selection: { 'http.response.status_code': code }, condition: 'selection' },
    level: 'low',
  });
  const correlations = windows.map((type, i) => ({
    title: `${type} ${i}`,
    name: `window_${i}`,
    id: `5b0c1d1e-0000-4000-8002-${String(i).padStart(12, '0')}`,
    status: 'test',
    correlation: shapes[type],
    level: 'medium',
  }));
  return [detection('seen', 200), detection('never', 599), ...correlations];
}

const start = Date.UTC(2026, 0, 15);
const place = { lat: 52.5, lon: 13.4 };

/** A key that is an address in text of its own, as a parser makes it: no two share memory. */
function eventOf(key: number, later = 0): Event {
  const event = new Event(key, start, 'bench', { tag: 'bench0000000', position: key });
  event.time = event.stamp = start + later + Math.floor(key / 1000);
  event.values[slot['source.ip']] = Buffer.from(`${20 + (key >>> 24)}.${(key >>> 16) & 255}.${(key >>> 8) & 255}.${key & 255}`).toString(
    'latin1',
  );
  event.values[slot['http.response.status_code']] = 200;
  event.values[slot['url.path']] = '/api/v1/orders';
  event.values[slot['http.response.body.bytes']] = 1200;
  event.values[slot['gatewatch.object.id']] = '1040';
  event.values[slot['source.geo.location']] = place;
  return event;
}

function used(): { heap: number; external: number } {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external };
}

const [keys = '1000000', ...windows] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(measure(Number(keys), windows))}\n`);
