import { z } from 'zod';
import { levels } from '#ecs';
import { parseDuration } from '#time';

/** How eagerly rules fire: `balanced` is what a rule file says, the others are what it says under `gatewatch.sensitivity`. */
export const sensitivities = ['strict', 'balanced', 'quiet'] as const;
export type Sensitivity = (typeof sensitivities)[number];

const ruleNames = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).transform((names) => [names].flat());
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const when = z
  .record(z.string().min(1), z.union([scalar, z.array(scalar).min(1)]))
  .refine((fields) => Object.keys(fields).length > 0, 'expected at least one field')
  .describe('Which events, as in the selection of a rule: fields with values, modifiers such as |cidr and |startswith included.');
const duration = z.string().refine((text) => (parseDuration(text) ?? 0) > 0, 'expected a duration such as 5m');

/** What can be changed of a rule without copying it. */
const changes = {
  enabled: z.boolean().optional().describe('false: the rule gives no signals.'),
  level: z.enum(levels).optional().describe('Another level.'),
  timespan: duration.optional().describe('Another timespan.'),
  gte: z.number().optional().describe('Another threshold.'),
  settings: z.record(z.string(), z.unknown()).optional().describe('Other settings of its rule type: share, factor, learning …'),
};

/** `detection.overrides`: a rule changed, everywhere or for some events. */
export const ruleOverride = z.strictObject({
  rule: ruleNames.describe('Names or ids of rules.'),
  when: when
    .optional()
    .describe('For which events only, for example {service.name: shop} or {gatewatch.route: /export}; the rest is judged as before.'),
  sensitivity: z.enum(sensitivities).optional().describe('Another sensitivity.'),
  ...changes,
});

/** `detection.exceptions`: events that do not count for some rules, until a day. */
export const ruleException = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'expected letters, digits, ".", "-" and "_", at most 64')
    .describe('By which it is counted.'),
  rules: ruleNames.describe('Names or ids of rules; `all` for all of them.'),
  when,
  owner: z.string().min(1).max(200).describe('Who answers for it.'),
  reason: z.string().min(1).max(1000).describe('Why.'),
  expires: z
    .string()
    .refine((text) => /^\d{4}-\d\d-\d\d(T.*(?:Z|[+-]\d\d:\d\d))?$/.test(text) && !Number.isNaN(Date.parse(text)), {
      error: 'expected a day such as 2027-03-31 or a time such as 2027-03-31T12:00:00Z',
    })
    .describe('From when on it holds no more, in the time of the events: a day (its beginning, UTC) or a time.'),
});

/** How a rule set is adjusted to a site. */
export const ruleTuning = z.strictObject({
  sensitivity: z.enum(sensitivities).default('balanced').describe('How eagerly rules fire: strict, balanced or quiet, as each rule says.'),
  overrides: z.array(ruleOverride).default([]).describe('Rules changed without copying them. Later ones go over earlier ones.'),
  exceptions: z.array(ruleException).default([]).describe('Events that do not count for some rules, with an owner, a reason and an end.'),
});

export type RuleOverride = z.output<typeof ruleOverride>;
export type RuleException = z.output<typeof ruleException>;
export type RuleTuning = z.output<typeof ruleTuning>;

/** What a rule file may say under `gatewatch.sensitivity.<level>`: our own keys, and settings of its rule type beside them. */
export const sensitivityBlock = z.looseObject({
  enabled: changes.enabled,
  level: changes.level,
  timespan: changes.timespan,
  gte: changes.gte,
});
