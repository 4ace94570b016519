import { z } from 'zod';
import type { EntityFields } from '../window/evidence.js';
import type { KeyTable } from '../window/key-table.js';
import type { KeyedWindow } from '../window/keyed.js';
import type { Surroundings, WindowRule } from '../window/surroundings.js';
import { EventCount } from './event-count/event-count.js';
import { GeoVelocity, geoVelocitySettings } from './geo-velocity/geo-velocity.js';
import { NewValue, newValueSettings } from './new-value/new-value.js';
import { Temporal } from './temporal/temporal.js';
import { ValueCount } from './value-count/value-count.js';

/** A kind of correlation: what its rules may say, and the window that keeps its state. */
export interface RuleType {
  /** Settings beside Sigma's own keys. */
  readonly settings: z.ZodType<Record<string, unknown>>;
  readonly needsThreshold: boolean;
  readonly needsField: boolean;
  /** Fewest rules it reads. */
  readonly leastInputs: number;
  /** True where an input rule's episodes are followed as intervals; else each is counted as one event. */
  readonly followsEpisodes: boolean;
  window(rule: WindowRule, around: Surroundings, keys: KeyTable, entities: EntityFields): KeyedWindow;
}

const none = z.strictObject({});
const temporal: RuleType = {
  settings: none,
  needsThreshold: false,
  needsField: false,
  leastInputs: 2,
  followsEpisodes: true,
  window: (...parts) => new Temporal(...parts),
};

/** Every rule type by its name in a rule file. */
export const ruleTypes: Readonly<Record<string, RuleType>> = {
  event_count: {
    settings: none,
    needsThreshold: true,
    needsField: false,
    leastInputs: 1,
    followsEpisodes: false,
    window: (...parts) => new EventCount(...parts),
  },
  value_count: {
    settings: none,
    needsThreshold: true,
    needsField: true,
    leastInputs: 1,
    followsEpisodes: false,
    window: (...parts) => new ValueCount(...parts),
  },
  temporal,
  temporal_ordered: temporal,
  geo_velocity: {
    settings: geoVelocitySettings,
    needsThreshold: false,
    needsField: false,
    leastInputs: 1,
    followsEpisodes: false,
    window: (...parts) => new GeoVelocity(...parts),
  },
  new_value: {
    settings: newValueSettings,
    needsThreshold: false,
    needsField: true,
    leastInputs: 1,
    followsEpisodes: false,
    window: (...parts) => new NewValue(...parts),
  },
};
