import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** A program to run and measure. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** File for its standard output; nowhere where absent. */
  readonly out?: string;
  /** Exit codes that are no failure; 0 where absent. */
  readonly codes?: readonly number[];
}

/** What one run took. Seconds and bytes. */
export interface Run {
  readonly wall: number;
  readonly user: number;
  readonly system: number;
  /** User and system together. */
  readonly cpu: number;
  /** Highest resident set of the process, as the kernel kept it (VmHWM), read every 20 ms. */
  readonly peakRss: number;
}

// The shell says which process to watch and, when it has been waited for, what the kernel charged to it and its children.
const script = '"$@" 3>&- & echo $! >&3; wait $!; code=$?; times >&3; exit $code';
const pollEvery = 20;

/** Runs a command to its end. @throws Error with the end of its stderr when it fails. */
export async function run({ program, args, out, codes = [0] }: Command): Promise<Run> {
  const target = out === undefined ? 'ignore' : openSync(out, 'w');
  const started = performance.now();
  const shell = spawn('bash', ['-c', script, 'bench', program, ...args], { stdio: ['ignore', target, 'pipe', 'pipe'] });
  const memory = new PeakMemory();
  let said = '';
  let complaint = '';
  (shell.stdio[3] as Readable).on('data', (chunk: Buffer) => {
    said += chunk.toString();
    memory.watch(Number(said.split('\n', 1)[0]));
  });
  shell.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)));
  const code = await new Promise<number>((resolve, reject) => {
    shell.on('error', reject);
    shell.on('close', (status) => resolve(status ?? -1));
  });
  const wall = (performance.now() - started) / 1000;
  memory.stop();
  if (typeof target === 'number') closeSync(target);
  if (!codes.includes(code)) throw new Error(`${program} ended with ${code}: ${complaint.trim()}`);
  const [user, system] = chargedToChildren(said);
  return { wall, user, system, cpu: user + system, peakRss: memory.peak };
}

/** The second line of bash's `times`: user and system time of the children, as `1m2.345s`. */
function chargedToChildren(said: string): [user: number, system: number] {
  const line = said.trim().split('\n').at(-1) ?? '';
  const found = [...line.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  return [found[0] ?? NaN, found[1] ?? NaN];
}

/** Follows the highest resident set of a process. */
export class PeakMemory {
  peak = 0;
  #timer: NodeJS.Timeout | undefined;

  watch(pid: number): void {
    if (this.#timer || !Number.isInteger(pid) || pid <= 0) return;
    this.#timer = setInterval(() => this.#look(pid), pollEvery);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(pid: number): void {
    try {
      const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      if (found) this.peak = Math.max(this.peak, Number(found[1]) * 1024);
    } catch {
      // The process has ended between two looks.
      this.stop();
    }
  }
}

/** Runs of two commands side by side. */
export interface Pairs {
  readonly a: readonly Run[];
  readonly b: readonly Run[];
}

/** Runs A B A B …, so that what else the machine does falls on both alike. */
export async function alternate(a: () => Promise<Run>, b: () => Promise<Run>, rounds: number): Promise<Pairs> {
  const runs: { a: Run[]; b: Run[] } = { a: [], b: [] };
  for (let round = 0; round < rounds; round++) {
    runs.a.push(await a());
    runs.b.push(await b());
  }
  return runs;
}

/** Middle value; the mean of the two middle ones for an even amount. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value below which a share of the values lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
}

/** A ratio formed pair by pair: neighbours in time are compared, then the median is taken. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function ratio({ a, b }: Pairs, of: (a: Run, b: Run) => number): Ratio {
  const found = a.map((run, i) => of(run, b[i]!));
  return { median: median(found), least: Math.min(...found), most: Math.max(...found) };
}
