import { parseArgs } from 'node:util';
import { startElasticsearch } from './elasticsearch.js';
import { startKafka } from './kafka.js';
import { EnginesMissing } from './way.js';

const usage = `Starts Elasticsearch and Kafka for development and leaves them running until Ctrl-C.

  npm run engines -- [--elasticsearch VERSION] [--brokers 1|3] [--no-kafka] [--no-elasticsearch] [--data FOLDER]

Versions: 9.5.3 (default; Java 21 or later) and 8.19.4 (Java 17). What was stored is removed at the end, unless --data names a folder.
`;

const { values } = parseArgs({
  options: {
    elasticsearch: { type: 'string' },
    brokers: { type: 'string', default: '1' },
    'no-kafka': { type: 'boolean' },
    'no-elasticsearch': { type: 'boolean' },
    data: { type: 'string' },
    help: { type: 'boolean' },
  },
});

async function main(): Promise<void> {
  if (values.help) return void process.stdout.write(usage);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say('Starting (the first time fetches about 90 MB of jars) …');
  const elasticsearch = values['no-elasticsearch']
    ? undefined
    : await startElasticsearch({ version: values.elasticsearch, dataDir: values.data });
  if (elasticsearch) say(`export ELASTICSEARCH_URL=${elasticsearch.url}`);
  const kafka = values['no-kafka'] ? undefined : await startKafka({ brokers: values.brokers === '3' ? 3 : 1 });
  if (kafka) say(`export KAFKA_BROKERS=${kafka.brokers.join(',')}`);
  say('Ready. Ctrl-C ends them.');
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    // Pending promises keep no process alive, and an engine from the environment holds no handle.
    setInterval(() => undefined, 1 << 30);
  });
  await Promise.all([elasticsearch?.stop(), kafka?.stop()]);
  process.exit(0);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof EnginesMissing ? error.message : String((error as Error).stack)}\n`);
  process.exit(1);
}
