import { ServiceError } from '#telemetry';

interface KafkaError {
  readonly name: string;
  readonly message: string;
  readonly type?: string;
  readonly errors?: readonly { readonly type?: string; readonly topic?: string; readonly message: string }[];
}

/** Rights that the brokers ask for where they refuse, by the end of what they say. */
const remedies: readonly (readonly [string, string])[] = [
  ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', "grant Describe and Write on the transactional ids that begin with Gatewatch's prefix"],
  ['CLUSTER_AUTHORIZATION_FAILED', "grant Write on Gatewatch's topics, and on brokers before 2.8 IdempotentWrite on the cluster"],
  ['GROUP_AUTHORIZATION_FAILED', "grant Read on the groups that begin with Gatewatch's prefix"],
  ['TOPIC_AUTHORIZATION_FAILED', 'grant Create and Describe, or let somebody else create the topics'],
];

/**
 * What Kafka refuses for good, in words that help: who is refused what, and what is to be done. Anything else is given back as it is.
 * @param doing What the user was not let do, to be read after "may not".
 */
export function refusalOf(error: unknown, doing: string): unknown {
  if (error instanceof ServiceError) return error;
  const { name, message, type, errors } = error as KafkaError;
  if (name === 'KafkaJSSASLAuthenticationError') {
    const remedy = 'Check mechanism, user and secret in `sasl` of the Kafka settings, and that the brokers know the user.';
    return new ServiceError('kafka_login', `The Kafka brokers refuse the login. ${remedy} They say: ${message}`, { cause: error });
  }
  const cause = errors?.[0];
  const kind = cause?.type ?? type ?? '';
  const remedy = remedies.find(([end]) => kind.endsWith(end))?.[1];
  if (remedy === undefined) return error;
  const what = cause?.topic ? `describe or create topic ${cause.topic}` : doing;
  return new ServiceError('kafka_rights', `The Kafka user may not ${what} (${kind}): ${remedy}. ${cause?.message ?? message}`, {
    cause: error,
  });
}
