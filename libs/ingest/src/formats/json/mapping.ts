import { z } from 'zod';

/** Longest chain of keys and number of keys that a JSON line may have. */
export const maxDepth = 20;
export const maxKeys = 1000;

const fieldName = z.string().min(1).max(256);

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
        format: z.enum(['iso', 'epoch_s', 'epoch_ms', 'clf']).describe('How it is written.'),
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
  })
  .describe('Reading of JSON logs.');

export type JsonMapping = z.input<typeof jsonMapping>;
