import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/gatewatch.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command of the built product to its end. */
export function gatewatch(
  args: readonly string[],
  { input, env, cwd }: { input?: string | Uint8Array; env?: Record<string, string>; cwd?: string } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, NO_COLOR: '1', ...env }, cwd });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    // A command that ends without reading all of its input closes the pipe: no error of the test's.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

export interface Keys {
  admin: string;
  write: string;
  read: string;
}

/** A running `gatewatch start`. */
export class Service {
  readonly #child: ChildProcess;
  readonly exited: Promise<number | null>;
  output = '';
  url = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = new Promise((resolve) => child.on('close', (code) => resolve(code)));
  }

  /** Starts it and waits until it says where it listens. */
  static async start(args: readonly string[], env: Record<string, string> = {}, input?: string): Promise<Service> {
    const child = spawn(process.execPath, [bin, 'start', '--port', '0', ...args], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const service = new Service(child);
    await new Promise<void>((resolve, reject) => {
      const read = (text: string): void => {
        service.output += text;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(service.output);
        if (!found || service.url) return;
        service.url = found[0];
        resolve();
      };
      child.stdout.setEncoding('utf8').on('data', read);
      child.stderr.setEncoding('utf8').on('data', read);
      child.on('close', (code) => reject(new Error(`gatewatch ended with ${code} before it was up:\n${service.output}`)));
    });
    return service;
  }

  /** The keys shown at the first start. */
  keys(): Keys {
    const key = (name: string): string => {
      const found = new RegExp(`${name}[^\\n]*?(gw_[A-Za-z0-9_-]+)`).exec(this.output)?.[1];
      if (!found) throw new Error(`no ${name} key in:\n${this.output}`);
      return found;
    };
    return { admin: key('admin'), write: key('write'), read: key('read') };
  }

  async get<T = unknown>(path: string, key: string): Promise<T> {
    const response = await fetch(this.url + path, { headers: { authorization: `Bearer ${key}` } });
    if (!response.ok) {
      const own = response.status >= 500 ? `\n${this.output.slice(-3000)}` : '';
      throw new Error(`${path}: ${response.status} ${await response.text()}${own}`);
    }
    return (await response.json()) as T;
  }

  /** Every document of a paged answer. */
  async all<T>(path: string, key: string): Promise<T[]> {
    const found: T[] = [];
    for (let cursor: string | undefined; ;) {
      const page: { data: T[]; next_cursor?: string | null } = await this.get(
        path + (cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''),
        key,
      );
      found.push(...page.data);
      if (!page.next_cursor) return found;
      cursor = page.next_cursor;
    }
  }

  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.exited;
  }
}

/** Waits for a condition by asking again; fails with what was seen last. */
export async function until<T>(ask: () => Promise<T>, good: (value: T) => boolean, seconds = 240): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ask();
    if (good(value)) return value;
    if (Date.now() > end) throw new Error(`still not so after ${seconds} s: ${JSON.stringify(value).slice(0, 2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
