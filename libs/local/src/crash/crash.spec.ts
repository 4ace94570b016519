import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isTick } from '#stream';
import { silentLogger } from '#telemetry';
import { openLocalEngine } from '../engine.js';

const kills = 10;
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const writer = fileURLToPath(new URL('./writer.ts', import.meta.url));
/** Vite loads the writer from source, with the same conditions as these tests have. */
const start = `
  const conditions = ['source', 'node', 'import', 'module', 'default'];
  const { createServer } = await import('vite');
  const server = await createServer({
    configFile: false, root: ${JSON.stringify(root)}, logLevel: 'error', appType: 'custom', optimizeDeps: { noDiscovery: true, include: [] },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } },
  });
  await server.ssrLoadModule(${JSON.stringify(writer)});
`;

/** Runs the writer and kills it somewhere in the step after the given number of steps; gives the last end it was told. */
function runAndKill(dir: string, steps: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', start, dir], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = 0;
    let acknowledged = 0;
    let trouble = '';
    child.stderr.on('data', (chunk) => (trouble += String(chunk)));
    createInterface(child.stdout).on('line', (line) => {
      acknowledged = Number(line);
      if (++said === steps) child.kill('SIGKILL');
    });
    child.on('exit', (_, signal) =>
      signal === 'SIGKILL' ? resolve(acknowledged) : reject(new Error(`The writer ended by itself: ${trouble}`)),
    );
  });
}

it('after a SIGKILL at any point nothing acknowledged is missing and nothing is stored twice', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'gatewatch-crash-'));
  try {
    for (let kill = 0; kill < kills; kill++) {
      const acknowledged = await runAndKill(dir, 1 + ((kill * 7) % 5));
      const engine = await openLocalEngine({ dir, logger: silentLogger });
      const { log, events, tasks } = engine;
      const mark = events.mark();
      expect(log.end()).toBeGreaterThanOrEqual(acknowledged);
      expect(mark).toBeGreaterThanOrEqual(acknowledged);
      expect(mark).toBeLessThanOrEqual(log.end());
      expect(tasks.position()).toBeGreaterThanOrEqual(acknowledged);
      expect(log.bookmark('file')).toBe(String(log.end()));
      expect(log.received()).toEqual({ web: log.end() });
      const records = log.read(0, Number.MAX_SAFE_INTEGER).reduce((sum, entry) => sum + (isTick(entry) ? 0 : entry.count), 0);
      expect(records).toBe(log.end());
      expect((await events.counts()).events).toBe(mark);
      expect((await events.balance())['web']?.stored).toBe(mark);
      const offsets = new Set<unknown>();
      let cursor: string | undefined;
      do {
        const page = await events.searchEvents({ limit: 5000, cursor });
        for (const { gatewatch } of page.found) offsets.add((gatewatch as { offset: number }).offset);
        cursor = page.cursor;
      } while (cursor);
      expect(offsets.size).toBe(mark);
      await engine.close();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 300_000);
