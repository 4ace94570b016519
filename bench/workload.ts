import { createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from './measure.js';
import type { BenchOptions } from './options.js';
import { gatewatch } from './product.js';

/** A log and what is known of it. */
export interface Log {
  readonly path: string;
  readonly lines: number;
}

/** Makes the files that goals read, each once. */
export class Workload {
  readonly #folder: string;
  readonly #outside: string | undefined;
  /** The logs end at the last midnight (UTC): stamps are near the present and never in the future. */
  readonly end = new Date(new Date().setUTCHours(0, 0, 0, 0)).toISOString();

  constructor(private readonly options: BenchOptions) {
    this.#outside = options.workload;
    this.#folder = options.dir ?? mkdtempSync(join(tmpdir(), 'gatewatch-bench-'));
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Combined format: the outside log, whole or its head, or a generated one. */
  async access(lines: number): Promise<Log> {
    if (this.#outside === undefined) return { path: (await this.generated(this.options.seed, lines)).log, lines };
    return this.head(join(this.#outside, 'access.log'), lines);
  }

  /** ECS documents, one a line: the outside file, or what `parse` makes of a generated log, without what only Gatewatch writes. */
  async documents(lines: number): Promise<Log> {
    if (this.#outside !== undefined) return this.head(join(this.#outside, 'access.ecs.ndjson'), lines);
    const path = this.#named(`documents-${this.options.seed}-${lines}.ndjson`);
    if (!existsSync(path)) {
      const { log } = await this.generated(this.options.seed, lines);
      const parsed = this.file('parsed.ndjson');
      await run(gatewatch(['parse', log], { out: parsed }));
      await copyLines(parsed, path, { change: plainDocument });
      rmSync(parsed);
    }
    return { path, lines };
  }

  /** A generated day and its truth. */
  async generated(seed: number, lines: number, format = 'combined'): Promise<{ log: string; truth: string }> {
    const name = `${format}-${seed}-${lines}-${this.end.slice(0, 10)}`;
    const [log, truth] = [this.#named(`${name}.log`), this.#named(`${name}.truth.json`)];
    if (!existsSync(log)) {
      const options = { seed, lines, end: this.end, format, out: `${log}.part`, truth };
      await run(gatewatch(['generate', ...Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)])]));
      renameSync(`${log}.part`, log);
    }
    return { log, truth };
  }

  /** The first lines of a file. */
  async head(source: string, lines: number): Promise<Log> {
    const path = this.file('head');
    const found = await copyLines(source, path, { limit: lines });
    return { path, lines: found };
  }

  /** A path for a file of a goal. */
  file(name: string): string {
    return join(mkdtempSync(join(this.#folder, 'part-')), name);
  }

  write(name: string, text: string): string {
    const path = this.file(name);
    writeFileSync(path, text);
    return path;
  }

  dispose(): void {
    if (this.options.dir === undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #named(name: string): string {
    return join(this.#folder, name);
  }
}

async function copyLines(
  source: string,
  target: string,
  { limit = Infinity, change = (line) => line }: { limit?: number; change?: (line: string) => string },
): Promise<number> {
  const out = createWriteStream(target);
  const lines = createInterface({ input: createReadStream(source), crlfDelay: Infinity });
  let count = 0;
  let waiting: string[] = [];
  for await (const line of lines) {
    waiting.push(change(line));
    if (waiting.length === 5000) {
      if (!out.write(`${waiting.join('\n')}\n`)) await once(out, 'drain');
      waiting = [];
    }
    if (++count >= limit) break;
  }
  lines.close();
  out.end(waiting.length ? `${waiting.join('\n')}\n` : '');
  await once(out, 'finish');
  return count;
}

/** As another shipper would send it: fields of ECS alone, without the line it was made of. */
function plainDocument(line: string): string {
  const { gatewatch: _own, event, ...rest } = JSON.parse(line) as { gatewatch?: unknown; event?: { original?: string } };
  const { original: _line, ...kept } = event ?? {};
  return JSON.stringify({ ...rest, ecs: { version: '9.0.0' }, event: kept, service: { name: 'shop' } });
}
