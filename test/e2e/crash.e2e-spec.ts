import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gatewatch, Service, until, type Keys } from './gatewatch-process.js';

interface Ledger {
  readonly received: number;
  readonly stored: number;
  readonly deadLettered: number;
  readonly duplicate: number;
  readonly blank: number;
  readonly difference: number;
}
interface Health {
  readonly checks: {
    // A check that could not be made in time, as on a busy machine, has no facts.
    readonly pipeline: { readonly facts?: { readonly behind: number; readonly signalsPending: boolean } };
    readonly store: { readonly facts?: { readonly behind: number } };
    readonly balance: { readonly facts?: Readonly<Record<string, Ledger>> };
  };
}
interface Document {
  readonly '@timestamp': string;
  readonly event: { readonly id: string; readonly start?: string; readonly end?: string };
  readonly gatewatch: { readonly signal?: { readonly count: number; readonly status: string; readonly merged_into?: string } };
}

const seed = Number(process.env['CRASH_SEED'] ?? 20260115);
const kills = Number(process.env['CRASH_KILLS'] ?? 50);

/** Mulberry32: the points of the kills are the same for a seed. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Waits until everything that was written to the file is received, folded and stored; gives the balance. */
async function settled(service: Service, keys: Keys, lines: number): Promise<Ledger[]> {
  const { checks } = await until(
    () => service.get<Health>('/health', keys.read),
    ({ checks: { pipeline, store, balance } }) => {
      if (!pipeline.facts || !store.facts || !balance.facts) return false;
      const ledgers = Object.values(balance.facts);
      const received = ledgers.reduce((sum, ledger) => sum + ledger.received, 0);
      return (
        received === lines &&
        !pipeline.facts.signalsPending &&
        pipeline.facts.behind <= 1 &&
        store.facts.behind <= 1 &&
        ledgers.every(({ difference }) => difference === 0)
      );
    },
    180,
  );
  return Object.values(checks.balance.facts!);
}

/** What a run found, in a form that two runs can be compared by. Open episodes are still moving, so their end is left out of the comparison by waiting until none is open. */
async function outcome(service: Service, keys: Keys): Promise<{ signals: string[]; events: string[] }> {
  const signals = await until(
    () => service.all<Document>('/v1/signals?limit=1000', keys.read),
    (found) => found.length > 0,
  );
  const events = await service.all<Document>('/v1/events?limit=1000', keys.read);
  return {
    signals: signals
      .map(({ event, gatewatch: { signal } }) => `${event.id} ${signal?.count} ${event.start} ${event.end} ${signal?.merged_into ?? ''}`)
      .sort(),
    events: events.map(({ event }) => event.id).sort(),
  };
}

describe('SIGKILL at random points', () => {
  it(`gives the same signals and events as an undisturbed run, ${kills} kills, seed ${seed}`, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'gatewatch-crash-'));
    const day = join(dir, 'day.log');
    const generated = await gatewatch([
      'generate',
      '--seed',
      '7',
      '--lines',
      '40000',
      '--duration',
      '4h',
      '--disorder',
      '30s',
      '--out',
      day,
      '--truth',
      join(dir, 'truth.json'),
    ]);
    expect(generated, generated.stderr).toMatchObject({ code: 0 });
    const lines = readFileSync(day, 'utf8').split(/(?<=\n)/);

    // One file for both runs: a line's id is made of the file's identity and its byte offset.
    const followed = join(dir, 'access.log');
    writeFileSync(followed, '');
    const random = randomFrom(seed);
    const disturbed = ['--data', join(dir, 'disturbed'), '--follow', followed];
    let keys: Keys | undefined;
    let written = 0;
    for (let kill = 0; kill < kills; kill++) {
      const upTo = Math.floor(((kill + 1) / kills) * lines.length);
      const service = await Service.start(disturbed);
      keys ??= service.keys();
      // Half of the piece is there at once, half arrives while the process runs.
      const half = (written + upTo) >> 1;
      appendFileSync(followed, lines.slice(written, half).join(''));
      await new Promise((resolve) => setTimeout(resolve, random() * 400));
      appendFileSync(followed, lines.slice(half, upTo).join(''));
      written = upTo;
      await new Promise((resolve) => setTimeout(resolve, random() * 500));
      await service.kill('SIGKILL');
    }
    const last = await Service.start(disturbed);
    const balance = await settled(last, keys!, lines.length);
    const after = await outcome(last, keys!);
    await last.kill('SIGTERM');

    const undisturbed = await Service.start(['--data', join(dir, 'undisturbed'), '--follow', followed]);
    const freshKeys = undisturbed.keys();
    await settled(undisturbed, freshKeys, lines.length);
    const expected = await outcome(undisturbed, freshKeys);
    expect(await undisturbed.kill('SIGTERM')).toBe(0);

    expect(new Set(after.events).size).toBe(after.events.length);
    expect(after.events).toEqual(expected.events);
    expect(after.signals).toEqual(expected.signals);
    expect(expected.signals.length).toBeGreaterThan(5);
    expect(after.events.length).toBe(lines.length);
    for (const { received, stored, deadLettered, duplicate, blank } of balance)
      expect(received).toBe(stored + deadLettered + duplicate + blank);
    // Some four seconds a kill, and twice that on a busy machine.
  }, 900_000);
});
