import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ServiceError } from '#telemetry';

/** Rises with each change that an older Gatewatch could not read. */
const dataFormat = 1;

/** A data directory held by this process. */
export interface DataDirectory {
  readonly dir: string;
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** Start of the process in clock ticks since boot, where `/proc` tells it: a number that was given to another process is recognised. */
  readonly started?: string;
}

/**
 * Takes a data directory for this process alone and checks its format.
 * @throws ServiceError `data_dir_in_use`, `data_format_newer`, `data_dir_unusable`; none is retryable.
 */
export function takeDataDirectory(dir: string): DataDirectory {
  try {
    // Not recursive where the parent is there: in file systems that make no folders (/proc) that would never end.
    if (!existsSync(dir)) mkdirSync(dir, { recursive: !existsSync(dirname(dir)), mode: 0o700 });
    lock(dir);
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError('data_dir_unusable', `The data directory ${dir} cannot be used: ${(cause as Error).message}`, { cause });
  }
  const release = (): void => rmSync(lockPath(dir), { force: true });
  try {
    checkFormat(dir);
  } catch (error) {
    release();
    throw error;
  }
  return { dir, release };
}

function lockPath(dir: string): string {
  return join(dir, 'lock');
}

function lock(dir: string): void {
  const path = lockPath(dir);
  const mine = join(dir, `lock.${process.pid}`);
  const me: Holder = { pid: process.pid, started: startOf(process.pid) };
  writeFileSync(mine, JSON.stringify(me), { mode: 0o600 });
  try {
    // A link appears whole or not at all, so nobody reads half a lock.
    for (let tries = 0; tries < 3; tries++) {
      if (linked(mine, path)) return;
      const text = readText(path);
      const holder = text === undefined ? undefined : parse(text);
      if (holder && isAlive(holder)) throw inUse(dir, holder.pid);
      if (text !== undefined) removeStale(path, text);
    }
    throw inUse(dir, parse(readText(path) ?? '')?.pid);
  } finally {
    rmSync(mine, { force: true });
  }
}

function inUse(dir: string, pid: number | undefined): ServiceError {
  return new ServiceError(
    'data_dir_in_use',
    `The data directory ${dir} is in use by another Gatewatch (process ${pid ?? 'unknown'}). Stop that one, or give this one a directory of its own.`,
  );
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the lock of a dead process away. If somebody took it over meanwhile, what was moved is theirs: it goes back. */
function removeStale(path: string, seen: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readText(aside) !== seen) linked(aside, path);
  rmSync(aside, { force: true });
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === undefined || startOf(pid) === undefined || startOf(pid) === started;
}

/** Boot and start time of a process (proc_pid_stat(5), field 22); the name before it may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim();
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return ticks === undefined ? undefined : `${boot ?? ''} ${ticks}`;
}

function parse(text: string): Holder | undefined {
  try {
    const found = JSON.parse(text) as Partial<Holder> | null;
    return typeof found?.pid === 'number' && Number.isInteger(found.pid) && found.pid > 0
      ? { pid: found.pid, started: found.started }
      : undefined;
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function checkFormat(dir: string): void {
  const path = join(dir, 'format');
  const found = readText(path);
  if (found === undefined) return writeFileSync(path, `${dataFormat}\n`, { mode: 0o600 });
  if (Number(found) > dataFormat) {
    throw new ServiceError(
      'data_format_newer',
      `The data directory ${dir} has data format ${found.trim()}; this Gatewatch knows formats up to ${dataFormat}. Use the newer Gatewatch that wrote it, or another directory.`,
    );
  }
}
