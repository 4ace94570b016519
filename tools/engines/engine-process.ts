import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** Takes what the engine writes. */
  readonly log: string;
}

/** An engine's process. It ends when ours does: its standard input is a pipe that we hold, and it stops when that closes. */
export class EngineProcess {
  #child: ChildProcess | undefined;

  constructor(private readonly command: Command) {}

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and waits until `ready` says yes; `ready` may throw as long as it is not. */
  async start(ready: () => Promise<boolean>, patience = 240_000): Promise<void> {
    if (this.running) return;
    const { program, args, folder, log } = this.command;
    const out = openSync(log, 'a');
    this.#child = spawn(program, [...args], { cwd: folder, stdio: ['pipe', out, out] });
    closeSync(out);
    this.#child.on('error', () => undefined);
    for (const end = Date.now() + patience; ;) {
      if (!this.running) throw new Error(`The engine ended at once. ${this.lastWords()}`);
      if (await ready().catch(() => false)) return;
      if (Date.now() > end) {
        await this.end('SIGKILL');
        throw new Error(`The engine was not ready within ${patience / 1000} s. ${this.lastWords()}`);
      }
      await sleep(200);
    }
  }

  /** Ends it and waits until it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || !this.running) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const killer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await gone;
    clearTimeout(killer);
  }

  /** Stands still, as behind a broken network; `signal` SIGCONT lets it go on. */
  pause(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  private lastWords(): string {
    return `Its log, ${this.command.log}, ends:\n${readFileSync(this.command.log, 'utf8').slice(-2000)}`;
  }
}
