// Prepares a fresh Elasticsearch and Kibana, from the image of Gatewatch or from a checkout; may be run again at any time.
//   node deploy/setup.mjs elasticsearch   password of Kibana's own user; roles and users of Gatewatch, one that writes and one that reads, with the rights they need and no more
//   node deploy/setup.mjs kibana          data views, searches and the dashboard of docs/kibana
import { readFile } from 'node:fs/promises';

const env = process.env;
const patience = Number(env.SETUP_PATIENCE_SECONDS ?? 180) * 1000;
const pause = Number(env.SETUP_PAUSE_MILLIS ?? 2000);

/** What libs/elastic/README.md asks for, below "Rights"; `monitor` is for the state of the cluster on the health page. */
const role = {
  cluster: ['monitor', 'manage_index_templates'],
  indices: [
    {
      names: ['logs-gatewatch.*', 'alerts-gatewatch.*', 'gatewatch.*'],
      privileges: ['create_doc', 'create', 'index', 'delete', 'read', 'view_index_metadata', 'maintenance', 'manage'],
    },
  ],
};

/** For `gatewatch query`: "Rights of a reader" there. */
const reader = {
  cluster: ['monitor'],
  indices: [{ names: ['logs-gatewatch.*', 'alerts-gatewatch.*', 'gatewatch.coverage-*'], privileges: ['read'] }],
};

const steps = {
  async elasticsearch() {
    const base = required('ELASTICSEARCH_URL');
    const security = (method, path, body) =>
      request(`${base}/_security/${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    await security('POST', 'user/kibana_system/_password', { password: required('KIBANA_PASSWORD') });
    await security('PUT', 'role/gatewatch', role);
    await security('PUT', 'user/gatewatch', { password: required('GATEWATCH_PASSWORD'), roles: ['gatewatch'], full_name: 'Gatewatch' });
    await security('PUT', 'role/gatewatch_query', reader);
    const query = { password: required('GATEWATCH_QUERY_PASSWORD'), roles: ['gatewatch_query'], full_name: 'Gatewatch, reading' };
    await security('PUT', 'user/gatewatch_query', query);
    console.log('Elasticsearch has the users kibana_system, gatewatch and gatewatch_query.');
  },
  async kibana() {
    const objects = await readFile(new URL('../docs/kibana/gatewatch.ndjson', import.meta.url), 'utf8');
    const body = new FormData();
    body.append('file', new Blob([objects], { type: 'application/ndjson' }), 'gatewatch.ndjson');
    const answer = await request(`${required('KIBANA_URL')}/api/saved_objects/_import?overwrite=true`, {
      method: 'POST',
      headers: { 'kbn-xsrf': 'gatewatch' },
      body,
    });
    const { success, successCount, errors } = JSON.parse(answer);
    if (!success) throw new Error(`Kibana did not take all objects: ${JSON.stringify(errors).slice(0, 2000)}`);
    console.log(`Kibana has ${successCount} objects of Gatewatch.`);
  },
};

function required(name) {
  if (!env[name]) throw new Error(`${name} is not set.`);
  return env[name];
}

/** Asks until there is an answer that waiting would not change. */
async function request(url, { headers, ...options }) {
  const login = Buffer.from(`elastic:${required('ELASTIC_PASSWORD')}`).toString('base64');
  const until = Date.now() + patience;
  for (;;) {
    let trouble;
    try {
      const answer = await fetch(url, {
        ...options,
        headers: { ...headers, authorization: `Basic ${login}` },
        signal: AbortSignal.timeout(30_000),
      });
      const text = await answer.text();
      if (answer.ok) return text;
      trouble = `${new URL(url).pathname} answers ${answer.status}: ${text.slice(0, 500)}`;
      if (answer.status < 500 && answer.status !== 429) throw Object.assign(new Error(trouble), { final: true });
    } catch (error) {
      if (error.final) throw error;
      trouble = `${new URL(url).origin} does not answer: ${error.cause?.message ?? error.message}`;
    }
    if (Date.now() + pause > until) throw new Error(trouble);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

try {
  const step = steps[process.argv[2]];
  if (!step) throw new Error(`Say what to set up: ${Object.keys(steps).join(' or ')}.`);
  await step();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
