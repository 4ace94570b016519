import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { FuzzBeat, FuzzFinding, FuzzTask } from './rounds.js';

// Run with `npm run fuzz -- --seconds 300`: lines of all formats made worse, and bytes of no format, through ingest with everything switched on. See the README.

const hangs = 20_000;
const heapMegabytes = 768;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string' },
    format: { type: 'string' },
    round: { type: 'string' },
    samples: { type: 'string', multiple: true, default: [] },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000_007);
const seconds = Number(values.seconds);
if (!Number.isInteger(seed) || !(seconds > 0)) {
  process.stderr.write('--seed expects a whole number, --seconds a number above 0\n');
  process.exit(2);
}
const task: FuzzTask = {
  seed,
  folders: values.samples,
  firstRound: Number(values.round ?? 0),
  ...(values.format !== undefined && { format: values.format }),
  ...(values.round !== undefined && { rounds: 1 }),
};

let last: FuzzBeat | undefined;
let lines = 0;
const worker = new Worker(new URL('./rounds.js', import.meta.url), {
  workerData: task,
  resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
});
const started = performance.now();
let heard = started;

function stop(code: number, text: string): void {
  const again = last
    ? `\nAgain: npm run fuzz -- --seed ${seed} --round ${last.round}${values.format ? ` --format ${values.format}` : ''}\n`
    : '\n';
  process.stdout.write(`${text}${code === 0 ? '\n' : again}`);
  process.exit(code);
}

const told = (): string =>
  `${lines} lines, ${last?.events ?? 0} events of them, in ${((performance.now() - started) / 1000).toFixed(0)} s, seed ${seed}`;

worker.on('message', (message: FuzzBeat | FuzzFinding) => {
  heard = performance.now();
  if ('wrong' in message) stop(1, `${message.wrong}\nformat ${message.format}, line (base64): ${message.line.slice(0, 4000)}`);
  else {
    last = message;
    lines += message.lines;
  }
});
worker.on('error', (error) => stop(1, `ended after ${told()}: ${error.message}`));
worker.on('exit', () => stop(0, `Nothing wrong: ${told()}.`));
setInterval(() => {
  if (last && performance.now() - heard > hangs) stop(1, `hangs in format ${last.format} after ${told()}`);
  if ((performance.now() - started) / 1000 > seconds) stop(0, `Nothing wrong: ${told()}.`);
}, 500);
