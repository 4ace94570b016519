import { Kafka, logLevel, type KafkaConfig, type LogEntry, type Mechanism, type SASLOptions } from 'kafkajs';
import type { Logger } from '#telemetry';
import { useCodecs } from './codecs.js';
import type { KafkaConnection } from './connection.js';
import { bearerLogin } from './bearer-token.js';

/** A client of the cluster that the settings name. Nothing is connected yet. */
export function kafkaClient(config: KafkaConnection, logger: Logger): Kafka {
  useCodecs();
  const { brokers, tls, sasl } = config;
  const settings: KafkaConfig = {
    clientId: 'gatewatch',
    brokers: [...brokers],
    ...(tls && { ssl: sslOf(tls) }),
    ...(sasl && { sasl: saslOf(sasl) }),
    // It goes on asking: brokers that are away for an hour are an ordinary night.
    retry: { initialRetryTime: 300, maxRetryTime: 30_000, retries: Number.MAX_SAFE_INTEGER },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => tell(entry, logger),
  };
  return new Kafka(settings);
}

function saslOf(sasl: NonNullable<KafkaConnection['sasl']>): SASLOptions | Mechanism {
  return sasl.mechanism === 'oauthbearer' ? bearerLogin(sasl) : passwordLogin(sasl);
}

function passwordLogin(sasl: Exclude<NonNullable<KafkaConnection['sasl']>, { mechanism: 'oauthbearer' }>): SASLOptions {
  return { mechanism: sasl.mechanism, username: sasl.user, password: sasl.password.reveal() };
}

function sslOf({ verify, ca, cert, key }: NonNullable<KafkaConnection['tls']>): Exclude<KafkaConfig['ssl'], boolean | undefined> {
  return { rejectUnauthorized: verify, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key: key.reveal() }) };
}

/** Said of the producers of tasks, whose retries are few on purpose: a task that cannot save is opened anew at its checkpoint. */
const knownWarning = 'Limiting retries for the idempotent producer may invalidate EoS guarantees';

/** kafkajs tells as errors what it then mends itself: for us those are warnings. */
function tell({ namespace, log }: LogEntry, logger: Logger): void {
  if (log.message === knownWarning) return;
  const { message, error, broker, groupId } = log as typeof log & { error?: string; broker?: string; groupId?: string };
  logger.warn('The Kafka client reports trouble.', { part: namespace, trouble: message, error, broker, group: groupId });
}
