import { z } from 'zod';
import { deedNames, knownDeed, type DeedText } from './records/deeds.js';
import type { Verdicts } from './records/record-map.js';
import { timePattern } from './time-pattern.js';

/** Longest chain of keys and number of keys that a JSON line may have. */
export const maxDepth = 20;
export const maxKeys = 1000;

const fieldName = z.string().min(1).max(256);
const scalar = z.union([z.string().max(1024), z.number(), z.boolean()]);
const words = z.union([z.array(scalar).max(1000), scalar]);
const places = z.union([fieldName, z.array(fieldName).min(1).max(20)]);

const action = z.string().refine((text): text is DeedText => knownDeed(text) !== undefined, {
  error: (issue) =>
    `expected one of ${deedNames.join(', ')}, if need be with :success or :failure behind it, got ${JSON.stringify(issue.input)}`,
});

const range = z
  .strictObject({
    exists: z.boolean().optional(),
    gte: z.number().optional(),
    gt: z.number().optional(),
    lte: z.number().optional(),
    lt: z.number().optional(),
    not: z.union([scalar, z.array(scalar)]).optional(),
  })
  .describe('Whether the key is there, the range its number lies in, or what it is not.');

const test = z.union([scalar, z.null(), z.array(z.union([scalar, z.null()])).max(1000), range]);

const format = z.union([
  z.enum(['iso', 'epoch', 'epoch_s', 'epoch_ms', 'epoch_us', 'epoch_ns', 'clf']),
  z.string().refine((text) => timePattern(text) !== undefined, {
    error:
      'expected iso, epoch, epoch_s, epoch_ms, epoch_us, epoch_ns, clf, or a pattern of yyyy MM dd HH mm ss (MMM for Jan, SSS for milliseconds, XXX for an offset) such as "dd.MM.yyyy HH:mm:ss"',
  }),
]);

/** How the JSON logs of one source are read where their keys are not among the usual ones. */
export const jsonMapping = z
  .strictObject({
    fields: z
      .record(fieldName, fieldName)
      .default({})
      .describe('Key of the log, dotted where nested, to the ECS field it means: { "client": "source.ip" }. Wins over the built-in names.'),
    timestamp: z
      .strictObject({
        field: fieldName.describe('Key that holds the time.'),
        format: format.describe('How it is written.'),
      })
      .optional()
      .describe('Where the time is; without it the usual keys are tried.'),
    id: fieldName
      .optional()
      .describe("Key of the sender's own id, unique within the source: a repeated one is dropped. Without it event.id and _id are tried."),
    constants: z
      .record(fieldName, z.union([z.string(), z.number(), z.boolean()]))
      .default({})
      .describe('Fields that every event of the source gets, unless the line says otherwise.'),
    outcome: z
      .strictObject({
        from: places.describe('Key that tells how it ended, or several of which the first counts.'),
        success: words.optional().describe('Its words for success; where only one side is named, everything else is the other.'),
        failure: words.optional().describe('Its words for failure.'),
      })
      .refine(({ success, failure }) => success !== undefined || failure !== undefined, {
        error: 'expected success, failure or both: the words that tell how it ended',
      })
      .optional()
      .describe('How an event ended (event.outcome).'),
    actions: z
      .strictObject({
        from: places.describe('Key that names the event.'),
        of: z.record(fieldName, action).describe('What each name means; a trailing * stands for any ending.'),
        otherwise: action.optional().describe('What every other name means.'),
      })
      .optional()
      .describe('What was done: fills event.action, category and type, and event.code with the name.'),
    when: z
      .array(
        z
          .strictObject({
            if: z.record(fieldName, test).describe('Key to what it must be: a word, a list of words, null for absent, or a range.'),
            action: action.optional(),
            set: z
              .record(fieldName, z.union([scalar, z.array(z.string()).max(100)]))
              .optional()
              .describe('Fields to fill.'),
          })
          .refine(({ action: does, set }) => does !== undefined || set !== undefined, {
            error: 'expected action or set: what follows from the condition',
          }),
      )
      .max(200)
      .optional()
      .describe('What follows from conditions; the first that holds wins.'),
  })
  .describe('Reading of JSON logs.');

export type JsonMapping = z.input<typeof jsonMapping>;

/** The part of a mapping that judges, or nothing where there is none: then no time is spent on it. */
export function verdictsOf(mapping: JsonMapping | undefined): Verdicts | undefined {
  if (!mapping?.outcome && !mapping?.actions && !mapping?.when) return undefined;
  const { outcome, actions, when } = jsonMapping.parse(mapping);
  const ends = outcome && { from: outcome.from, success: listOf(outcome.success), failure: listOf(outcome.failure) };
  return {
    ...(ends && { outcome: definedOnly(ends) }),
    ...(actions && { actions: definedOnly(actions) }),
    ...(when && { when: when.map(definedOnly) }),
  };
}

function definedOnly<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] | undefined {
  return value === undefined || Array.isArray(value) ? (value as readonly T[] | undefined) : [value as T];
}
