import type { ElasticReader } from '#elastic';
import type { Check, Finding, KeyRing } from '#http';

/** How the process that answers is. */
export function checks(reader: Pick<ElasticReader, 'health'>, keys: Pick<KeyRing, 'list'>, keysFile: string): Check[] {
  return [
    { name: 'elasticsearch', gatesReadiness: true, run: () => elasticsearch(reader) },
    { name: 'keys', run: () => keyFile(keys, keysFile) },
  ];
}

async function elasticsearch(reader: Pick<ElasticReader, 'health'>): Promise<Finding> {
  const { answers, cluster, reason } = await reader.health();
  if (!answers) return { status: 'fail', message: `Searches are not answered: ${reason ?? 'no reason given'}` };
  const facts = { cluster: cluster ?? 'not told' };
  if (cluster === 'red') return { status: 'warn', message: 'Elasticsearch lacks some of its data: searches that need it fail.', facts };
  return { status: 'ok', facts };
}

function keyFile(keys: Pick<KeyRing, 'list'>, file: string): Finding {
  const usable = keys.list().filter(({ scope, revoked }) => scope !== 'logs:write' && !revoked).length;
  const facts = { usable };
  if (usable > 0) return { status: 'ok', facts };
  return { status: 'warn', message: `No key may read: make one with \`gatewatch keys add NAME read --file ${file}\`.`, facts };
}
