import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  kafkaClient,
  kafkaClusterConfig,
  Outlet,
  requireTopics,
  TaskState,
  TopicReader,
  TopicRestorer,
  kafkaTopicsConfig,
  type TopicPiece,
} from '#kafka';
import { silentLogger, type Logger } from '#telemetry';
import { selfSigned } from '#testkit';
import { systemClock } from '#time';
import { kafkaOrSkip } from '../../tools/engines/ready.js';
import { until } from '../e2e/gatewatch-process.js';
import { startTokenService } from './token-service.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const tokens = await startTokenService('gatewatch-oauth', 'the secret: 100 % of it');
/** A little more than the ten seconds before the end at which kafkajs logs in again. */
const sessionLife = 12_000;
const loginModule = 'org.apache.kafka.common.security';
const keystore = {
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.certificate.chain': selfSigned.cert,
  'ssl.keystore.key': selfSigned.key,
};
const scramLogin = { 'scram-sha-256.sasl.jaas.config': `${loginModule}.scram.ScramLoginModule required;` };
const broker = await kafkaOrSkip({
  scram: [
    'SCRAM-SHA-256=[name=gatewatch-256,password=of 256]',
    'SCRAM-SHA-512=[name=gatewatch-512,password=of 512]',
    'SCRAM-SHA-256=[name=guest,password=of guest]',
  ],
  java: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${tokens.keysUrl}`],
  properties: {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // The plain listener is the administrator's. All but the guest may do everything.
    'super.users': ['ANONYMOUS', 'gatewatch-plain', 'gatewatch-256', 'gatewatch-512', 'gatewatch-oauth', 'CN=localhost']
      .map((name) => `User:${name}`)
      .join(';'),
  },
  listeners: {
    LOGIN: {
      protocol: 'SASL_SSL',
      settings: {
        ...keystore,
        ...scramLogin,
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
        'plain.sasl.jaas.config': `${loginModule}.plain.PlainLoginModule required user_gatewatch-plain="of plain";`,
        'scram-sha-512.sasl.jaas.config': `${loginModule}.scram.ScramLoginModule required;`,
        'oauthbearer.sasl.jaas.config': `${loginModule}.oauthbearer.OAuthBearerLoginModule required;`,
        'oauthbearer.sasl.server.callback.handler.class': `${loginModule}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
        'oauthbearer.sasl.oauthbearer.jwks.endpoint.url': tokens.keysUrl,
        'oauthbearer.sasl.oauthbearer.expected.audience': 'kafka',
        // A connection lives for so long and not longer, unless it logs in again (KIP-368).
        'oauthbearer.connections.max.reauth.ms': String(sessionLife),
        'sasl.oauthbearer.jwks.endpoint.url': tokens.keysUrl,
        'sasl.oauthbearer.expected.audience': 'kafka',
      },
    },
    BARE: { protocol: 'SASL_PLAINTEXT', settings: { ...scramLogin, 'sasl.enabled.mechanisms': 'SCRAM-SHA-256' } },
    MUTUAL: {
      protocol: 'SSL',
      settings: {
        ...keystore,
        'ssl.client.auth': 'required',
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.certificates': selfSigned.cert,
      },
    },
  },
});

const tls = { ca: selfSigned.cert };
const password = (mechanism: string, user: string, secret: string): object => ({ mechanism, user, password: secret });
const clientOf = (listener: string, over: object, logger: Logger = silentLogger) =>
  kafkaClient(kafkaClusterConfig.parse({ brokers: [broker!.listeners[listener]], ...over }), logger);
const bearer = (secret: string, over: object = {}): object => ({
  mechanism: 'oauthbearer',
  token_url: tokens.tokenUrl,
  client_id: 'gatewatch-oauth',
  client_secret: secret,
  scope: 'kafka',
  ...over,
});
const refusalWith = (sasl: object): Promise<unknown> =>
  requireTopics({ client: clientOf('LOGIN', { tls, sasl }), topics: [], foreign: [], replication: 1, logger: silentLogger });

/** Makes a topic, sends a message to it and reads it again: each of the three is a connection with a login of its own. */
async function roundTrip(client: ReturnType<typeof clientOf>, topic: string): Promise<string[]> {
  const wish = { name: topic, partitions: 1, keep: 'state' } as const;
  const parts = { client, topics: [wish], foreign: [], replication: 1, logger: silentLogger };
  const { partitions } = await requireTopics(parts);
  expect(partitions.get(topic)).toBe(1);
  const outlet = new Outlet(client, silentLogger);
  await outlet.connect();
  await outlet.send([{ topic, partition: 0, key: 'greeting', value: Buffer.from(`from ${topic}`) }]);
  const restorer = new TopicRestorer(client, outlet, [topic], topic);
  await restorer.start();
  const found: string[] = [];
  await restorer.read(topic, 0, (_, value) => found.push(String(value)));
  await restorer.close();
  await outlet.close();
  return found;
}

beforeAll(async () => {
  if (!broker) return;
  const admin = kafkaClient(kafkaClusterConfig.parse({ brokers: broker.brokers }), silentLogger).admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: ['open', 'shut'].map((topic) => ({ topic, numPartitions: 1 })) });
  await admin.createAcls({
    acl: [
      {
        resourceType: AclResourceTypes.TOPIC,
        resourceName: 'open',
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: 'User:guest',
        host: '*',
        operation: AclOperationTypes.READ,
        permissionType: AclPermissionTypes.ALLOW,
      },
    ],
  });
  await admin.disconnect();
});
afterAll(async () => {
  await broker?.stop();
  await tokens.close();
});

describe.skipIf(!broker)('logging in to a real broker', () => {
  it.each([
    ['PLAIN over TLS', 'LOGIN', { tls, sasl: password('plain', 'gatewatch-plain', 'of plain') }],
    ['SCRAM-SHA-256 over TLS', 'LOGIN', { tls, sasl: password('scram-sha-256', 'gatewatch-256', 'of 256') }],
    ['SCRAM-SHA-512 over TLS', 'LOGIN', { tls, sasl: password('scram-sha-512', 'gatewatch-512', 'of 512') }],
    ['SCRAM-SHA-256 without TLS', 'BARE', { sasl: password('scram-sha-256', 'gatewatch-256', 'of 256') }],
    ['OAUTHBEARER with a signed token of a token service', 'LOGIN', { tls, sasl: bearer('the secret: 100 % of it') }],
    ['a certificate of the client', 'MUTUAL', { tls: { ...tls, cert: selfSigned.cert, key: selfSigned.key } }],
  ])('works with %s', async (name, listener, over) => {
    const topic = name.replaceAll(' ', '-');
    expect(await roundTrip(clientOf(listener, over), topic)).toEqual([`from ${topic}`]);
  });

  it.each([
    ['PLAIN', password('plain', 'gatewatch-plain', 'wrong')],
    ['SCRAM-SHA-256', password('scram-sha-256', 'gatewatch-256', 'wrong')],
    ['SCRAM-SHA-512', password('scram-sha-512', 'nobody', 'wrong')],
  ])('says that the login is refused and what to look at, by %s', async (_, sasl) => {
    const refused = requireTopics({
      client: clientOf('LOGIN', { tls, sasl }),
      topics: [],
      foreign: [],
      replication: 1,
      logger: silentLogger,
    });
    await expect(refused).rejects.toMatchObject({ code: 'kafka_login', message: expect.stringMatching(/refuse the login.+`sasl`/s) });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('wrong') });
  });

  it('says what the token service answered, and nothing of the secret', async () => {
    const refused = refusalWith(bearer('another secret'));
    const message = expect.stringMatching(
      /token service http.+\/token \(`sasl.token_url`\) answered 401 .+"gatewatch-oauth".+check client_id/,
    );
    await expect(refused).rejects.toMatchObject({ code: 'kafka_login', message });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('another secret') });
  });

  it('says that the brokers do not take a token, which is for somebody else, and where to look', async () => {
    const refused = refusalWith(bearer('the secret: 100 % of it', { scope: 'another audience' }));
    const message = expect.stringMatching(/refuse the login. They do not take the token: check `sasl.scope`.+audience.+They say/s);
    await expect(refused).rejects.toMatchObject({ code: 'kafka_login', message });
  });

  it('logs in again on a connection that lasts, with a fresh token, before the old one is of no use, and loses nothing', async () => {
    const client = clientOf('LOGIN', { tls, sasl: bearer('the secret: 100 % of it') });
    const wish = { name: 'for-long', partitions: 1, keep: { for: 3_600_000 } } as const;
    await requireTopics({ client, topics: [wish], foreign: [], replication: 1, logger: silentLogger });
    const outlet = new Outlet(client, silentLogger);
    await outlet.connect();
    const before = tokens.given();
    const sent: string[] = [];
    for (const end = Date.now() + 2 * sessionLife; Date.now() < end; await systemClock.sleep(500)) {
      sent.push(`at ${Date.now()}`);
      await outlet.send([{ topic: wish.name, partition: 0, value: Buffer.from(sent.at(-1)!) }]);
    }
    await outlet.close();
    expect(tokens.given()).toBeGreaterThan(before);
    const admin = client.admin();
    await admin.connect();
    expect(await admin.fetchTopicOffsets(wish.name)).toMatchObject([{ high: String(sent.length) }]);
    await admin.disconnect();
  });

  it('says that the token service is not there', async () => {
    const refused = refusalWith(bearer('secret', { token_url: 'http://127.0.0.1:1999/token' }));
    const message = expect.stringMatching(/127\.0\.0\.1:1999\/token .+ cannot be reached: .*ECONNREFUSED.* Check its address/);
    await expect(refused).rejects.toMatchObject({ code: 'kafka_login', message });
  });
});

describe.skipIf(!broker)('a user without rights', () => {
  const guest = { sasl: password('scram-sha-256', 'guest', 'of guest') };
  const wished = (client: ReturnType<typeof clientOf>, name: string, foreign: readonly string[] = []) =>
    requireTopics({ client, topics: [{ name, partitions: 1, keep: { for: 3_600_000 } }], foreign, replication: 1, logger: silentLogger });

  it('is told which topic could not be made and which right is missing', async () => {
    await expect(wished(clientOf('BARE', guest), 'guest.events')).rejects.toMatchObject({
      code: 'kafka_rights',
      message: expect.stringMatching(/topic guest\.events .*TOPIC_AUTHORIZATION_FAILED.*[Gg]rant .*Create/),
    });
  });

  it('is told the same of a topic that is there and hidden from it', async () => {
    await expect(wished(clientOf('BARE', guest), 'shut')).rejects.toMatchObject({
      code: 'kafka_rights',
      message: expect.stringContaining('topic shut'),
    });
  });

  it('is told that a topic of others is missing or hidden', async () => {
    await expect(wished(clientOf('BARE', guest), 'open', ['shut'])).rejects.toMatchObject({
      code: 'kafka_unfit',
      message: expect.stringMatching(/no topic shut.*right to describe/),
    });
  });

  it('who may read, and not see the settings, goes on with a warning', async () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const parts = { client: clientOf('BARE', guest, logger), foreign: [], replication: 1, logger };
    const { partitions } = await requireTopics({ ...parts, topics: [{ name: 'open', partitions: 1, keep: { for: 3_600_000 } }] });
    expect(partitions.get('open')).toBe(1);
    expect(warnings).toContain('The settings of the topics cannot be read; they are taken to be right.');
  });

  it('who may not write state is refused at the opening of a task', async () => {
    const admin = clientOf('BARE', { sasl: password('scram-sha-256', 'gatewatch-256', 'of 256') });
    const outlet = new Outlet(admin, silentLogger);
    await outlet.connect();
    const restorer = new TopicRestorer(admin, outlet, ['open'], 'rights');
    await restorer.start();
    const opening = TaskState.open({ client: clientOf('BARE', guest), restorer, outlet, topic: 'open', partition: 0 });
    await expect(opening).rejects.toMatchObject({
      code: 'kafka_rights',
      message: expect.stringMatching(/state of open\/0 .*grant .*Write/),
    });
    await restorer.close();
    await outlet.close();
  });
});

describe.skipIf(!broker)('what a broker has compressed', () => {
  it('is read as it was sent: gzip, snappy, lz4 and zstd', async () => {
    const client = kafkaClient(kafkaClusterConfig.parse({ brokers: broker!.brokers }), silentLogger);
    const codecs = ['gzip', 'snappy', 'lz4', 'zstd'];
    const admin = client.admin();
    await admin.connect();
    // The broker itself packs what comes, with the codecs of Kafka's own Java code.
    const made = codecs.map((value) => ({
      topic: `packed-${value}`,
      numPartitions: 1,
      configEntries: [{ name: 'compression.type', value }],
    }));
    await admin.createTopics({ waitForLeaders: true, topics: made });
    await admin.disconnect();
    const lines = Array.from({ length: 6000 }, (_, at) => `203.0.113.${at % 256} GET /orders/${at * 7919} ${'é'.repeat(at % 50)}`);
    const producer = client.producer();
    await producer.connect();
    for (const { topic } of made) await producer.send({ topic, messages: lines.map((value) => ({ value })) });
    await producer.disconnect();
    const found = new Map<string, string[]>();
    const config = kafkaTopicsConfig.parse({ brokers: broker!.brokers, topics: made.map(({ topic }) => topic), group: 'packed' });
    const take = async ({ payload, thing }: TopicPiece): Promise<void> => {
      const topic = thing.split('/')[2]!;
      found.set(topic, [...(found.get(topic) ?? []), ...Buffer.from(payload).toString().trimEnd().split('\n')]);
    };
    const stop = new AbortController();
    const reader = new TopicReader({
      config,
      client,
      clock: systemClock,
      logger: silentLogger,
      split: () => undefined,
      saved: () => undefined,
      take,
    });
    const running = reader.run(stop.signal);
    const all = async (): Promise<number> => [...found.values()].flat().length;
    await until(all, (count) => count >= lines.length * codecs.length);
    stop.abort();
    await running;
    for (const { topic } of made) expect(found.get(topic), topic).toEqual(lines);
  });
});
