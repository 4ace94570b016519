import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './place.js';
import type { Elasticsearch, ElasticsearchOptions } from './elasticsearch-handle.js';

const run = promisify(execFile);
const label = 'gatewatch.engine.owner';

async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, { timeout: 600_000 })).stdout.trim();
}

/** A container does not end with us, so the next start removes those whose owner is gone. */
async function removeOrphans(): Promise<void> {
  const lines = (await docker('ps', '-a', '--filter', `label=${label}`, '--format', `{{.ID}} {{.Label "${label}"}}`)).split('\n');
  for (const line of lines.filter(Boolean)) {
    const [id = '', owner] = line.split(' ');
    if (!isAlive(Number(owner))) await docker('rm', '-f', id).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A single node without security on a free port. `kill` and `start` keep the port and what was stored. */
export async function startElasticsearchContainer({ version, heap = '1g' }: ElasticsearchOptions): Promise<Elasticsearch> {
  await removeOrphans();
  const [port] = await freePorts(1);
  const settings = ['discovery.type=single-node', 'xpack.security.enabled=false', `ES_JAVA_OPTS=-Xms${heap} -Xmx${heap}`];
  const id = await docker(
    'run',
    '--detach',
    '--label',
    `${label}=${process.pid}`,
    '--publish',
    `127.0.0.1:${port}:9200`,
    ...settings.flatMap((setting) => ['--env', setting]),
    `elasticsearch:${version}`,
  );
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`);
  return {
    url,
    way: 'docker',
    pid: () => undefined,
    stop: async () => void (await docker('rm', '--force', '--volumes', id)),
    kill: async () => void (await docker('kill', id)),
    start: async () => {
      await docker('start', id);
      await answers(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`);
    },
  };
}

async function answers(url: string): Promise<void> {
  for (const end = Date.now() + 180_000; Date.now() < end; await sleep(500)) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`${url} did not answer within three minutes.`);
}
