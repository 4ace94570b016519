import { readFileSync } from 'node:fs';
import { buildDetector, defaultDetectorSettings, JsonLines, loadRules, ruleTypes } from '#detection';
import { FieldIndex } from '#ecs';
import { manyRules } from './many-rules.js';

/** What one measurement found. Milliseconds of processor time for loading, microseconds for an event. */
export interface RuleCost {
  readonly rules: number;
  readonly load: number;
  readonly event: number;
  /** Of it, what matching and windows take, where documents are only read otherwise. */
  readonly matching: number;
  readonly matched: number;
  readonly rss: number;
}

const block = 1 << 18;

/** Run as a process of its own: `node rule-cost.js RULES DOCUMENTS`. */
function measure(count: number, file: string): RuleCost {
  const texts = manyRules(count);
  const index = new FieldIndex();
  const loaded = process.cpuUsage();
  const { rules, problems } = loadRules(texts, { index, ruleTypes });
  const load = millis(loaded);
  if (problems.length) throw new Error(problems.map(({ message }) => message).join('; '));
  let matched = 0;
  const detector = buildDetector({
    rules,
    index,
    host: { resolve: (event, slot) => event.values[slot], line: () => undefined },
    settings: { ...defaultDetectorSettings, durable: false, episodes: false, onMatch: () => matched++ },
  });
  const fields = [...new Set([...rules.matcher.fields, 'source.ip', 'url.path'])];
  const text = readFileSync(file);
  const read = (
    each: (line: Parameters<typeof detector.observe>[0]) => void,
    from: number,
    to: number,
  ): { events: number; cpu: number } => {
    const lines = new JsonLines({ index, fields, allText: false, source: 'bench', tag: 'bench' });
    const started = process.cpuUsage();
    let events = 0;
    const sink = {
      event: (line: Parameters<typeof detector.observe>[0]): void => {
        events++;
        each(line);
      },
      rejected: ({ message }: { message: string }): void => {
        throw new Error(message);
      },
    };
    for (let at = from; at < to;) {
      const end = at + block >= to ? to : text.lastIndexOf(10, at + block) + 1;
      lines.read(text.subarray(at, end), Date.UTC(2027, 0), sink);
      at = end;
    }
    return { events, cpu: millis(started) };
  };
  // The first tenth warms up.
  const warm = text.indexOf(10, text.length / 10) + 1;
  read((line) => detector.observe(line), 0, warm);
  detector.changes();
  const whole = read((line) => detector.observe(line), warm, text.length);
  const plain = read(() => undefined, warm, text.length);
  const event = (whole.cpu * 1000) / whole.events;
  return { rules: count, load, event, matching: event - (plain.cpu * 1000) / plain.events, matched, rss: process.memoryUsage().rss };
}

function millis(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

const [count = '36', file = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(measure(Number(count), file))}\n`);
