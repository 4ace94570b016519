import { z } from 'zod';
import { duration } from '#config';
import { checkLogin, connectionShape } from './connection.js';

/** Topics that a source reads: a part of the settings of a source. */
export const kafkaTopicsConfig = z
  .strictObject({
    brokers: connectionShape.brokers,
    topics: z
      .array(z.string().regex(/^[\w.-]{1,249}$/, 'expected a topic name: letters, digits, ".", "_" and "-"'))
      .min(1)
      .describe('Topics to read.'),
    group: z.string().min(1).max(255).default('gatewatch').describe('Consumer group. Positions are kept by Gatewatch, not by the group.'),
    begin: z
      .enum(['earliest', 'latest'])
      .default('earliest')
      .describe('Where a partition is begun that was never read: at its oldest record, or at what comes next.'),
    tls: connectionShape.tls,
    sasl: connectionShape.sasl,
    timeout: duration('30s', { min: '6s', max: '10m' }).describe('After how long without a sign of life this consumer is taken for gone.'),
  })
  .superRefine(checkLogin);

export type KafkaTopicsConfig = z.output<typeof kafkaTopicsConfig>;

/** The cluster of the distributed mode, and how its own topics are made. */
export const kafkaClusterConfig = z
  .strictObject({
    ...connectionShape,
    prefix: z
      .string()
      .regex(/^[\w.-]{1,100}$/, 'expected letters, digits, ".", "_" and "-"')
      .default('gatewatch')
      .describe("Begins the names of Gatewatch's own topics and groups."),
    partitions: z
      .int()
      .min(1)
      .max(1024)
      .default(6)
      .describe('Partitions of its topics where they are made: the most tasks that can work side by side.'),
    replication: z.int().min(1).max(9).default(3).describe('Copies of its topics where they are made.'),
    retention: duration('7d', { min: '1h' }).describe(
      'How long its topics keep what is no state; longer than any outage that is to be survived.',
    ),
    timeout: duration('30s', { min: '6s', max: '10m' }).describe('After how long without a sign of life a process is taken for gone.'),
  })
  .superRefine(checkLogin);

export type KafkaClusterConfig = z.output<typeof kafkaClusterConfig>;
