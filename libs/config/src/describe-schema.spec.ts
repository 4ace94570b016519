import { expect, it } from 'vitest';
import { z } from 'zod';
import { bytes, describeSchema, duration, ipOrCidr, port, secret } from './index.js';

it('writes the reference manual', () => {
  const schema = z.strictObject({
    data: z.string().default('./data').describe('Where everything is kept.'),
    server: z
      .strictObject({
        port: port().default(8686).describe('Port of the API | 0 for any.'),
        bodyLimit: bytes('10MiB').describe('Largest body that is read.'),
        allow: z.array(ipOrCidr()).default([]).describe('Who may come in.'),
      })
      .prefault({})
      .describe('The HTTP door.'),
    sources: z.record(z.string(), z.strictObject({ format: z.enum(['nginx', 'apache']), grace: duration().default(120_000) })).default({}),
    channels: z
      .array(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('email'), to: z.array(z.email()) }),
          z.strictObject({ type: z.literal('webhook'), secret: secret().optional().describe('Signs the body.') }),
        ]),
      )
      .default([])
      .describe('Ways to deliver.'),
  });
  expect(describeSchema(schema)).toMatchInlineSnapshot(`
    "| Key | Type | Default | Meaning |
    | --- | --- | --- | --- |
    | \`data\` | text | \`./data\` | Where everything is kept. |

    ## \`server\`

    The HTTP door.

    | Key | Type | Default | Meaning |
    | --- | --- | --- | --- |
    | \`server.port\` | port | \`8686\` | Port of the API \\| 0 for any. |
    | \`server.bodyLimit\` | size | \`10MiB\` | Largest body that is read. |
    | \`server.allow\` | list of addresses or networks | none | Who may come in. |

    ## \`sources\`

    | Key | Type | Default | Meaning |
    | --- | --- | --- | --- |
    | \`sources\` | mapping of names to mappings | – |  |
    | \`sources.<name>.format\` | one of \`nginx\`, \`apache\` | required |  |
    | \`sources.<name>.grace\` | duration | \`2m\` |  |

    ## \`channels\`

    Ways to deliver.

    | Key | Type | Default | Meaning |
    | --- | --- | --- | --- |
    | \`channels\` | list of mappings | none | Ways to deliver. |
    | \`channels[email].type\` | \`email\` | required |  |
    | \`channels[email].to\` | list of e-mail addresses | required |  |
    | \`channels[webhook].type\` | \`webhook\` | required |  |
    | \`channels[webhook].secret\` | secret | – | Signs the body. |
    "
  `);
});
