import { z } from 'zod';
import type { EntityFields } from '../window/evidence.js';
import type { KeyTable } from '../window/key-table.js';
import type { KeyedWindow } from '../window/keyed.js';
import type { Surroundings, WindowRule } from '../window/surroundings.js';
import { Absence, absenceSettings } from './absence/absence.js';
import { EventCount } from './event-count/event-count.js';
import { GeoVelocity, geoVelocitySettings } from './geo-velocity/geo-velocity.js';
import { NewValue, newValueSettings } from './new-value/new-value.js';
import { Ratio, ratioSettings } from './ratio/ratio.js';
import { Risk, riskSettings } from './risk/risk.js';
import { SequenceWalk, sequenceWalkSettings } from './sequence-walk/sequence-walk.js';
import { Crowd, crowdSettings } from './crowd/crowd.js';
import { Spike, spikeSettings } from './spike/spike.js';
import { Temporal } from './temporal/temporal.js';
import { ValueCount } from './value-count/value-count.js';
import { percentileSettings, ValueMeasure } from './value-measure/value-measure.js';

/** A kind of correlation: what its rules may say, and the window that keeps its state. */
export interface RuleType {
  /** Settings beside Sigma's own keys. */
  readonly settings: z.ZodType<Record<string, unknown>>;
  readonly needsThreshold: boolean;
  readonly needsField: boolean;
  /** Whether `field` may be a list: then combinations of their values are counted. */
  readonly manyFields?: boolean;
  /** Which criteria its condition takes: `gt` and `gte` where this is left out; all of them for whole numbers (`counts`) or any (`numbers`). */
  readonly bounds?: 'counts' | 'numbers';
  /** Fewest rules it reads. */
  readonly leastInputs: number;
  /** True where an input rule's episodes are followed as intervals; else each is counted as one event. */
  readonly followsEpisodes: boolean;
  /** True where it tells nothing itself, and other rules ask it with `unless` and `when`. */
  readonly isState?: boolean;
  window(rule: WindowRule, around: Surroundings, keys: KeyTable, entities: EntityFields): KeyedWindow;
}

const none = z.strictObject({});
const measure: RuleType = {
  settings: none,
  needsThreshold: true,
  needsField: true,
  bounds: 'numbers',
  leastInputs: 1,
  followsEpisodes: false,
  window: (...parts) => new ValueMeasure(...parts),
};
const temporal: RuleType = {
  settings: none,
  needsThreshold: false,
  needsField: false,
  leastInputs: 2,
  followsEpisodes: true,
  window: (...parts) => new Temporal(...parts),
};

/** A lower bound on a number of events or points, and settings of its own. */
const counted = { needsThreshold: true, needsField: false, leastInputs: 1, followsEpisodes: false };

/** Every rule type by its name in a rule file. */
export const ruleTypes: Readonly<Record<string, RuleType>> = {
  event_count: {
    settings: none,
    needsThreshold: true,
    needsField: false,
    leastInputs: 1,
    followsEpisodes: false,
    bounds: 'counts',
    // An upper bound is judged when a window is over; a lower one as soon as it is reached.
    window: (...parts) => (parts[0].settings['bounds'] ? new ValueMeasure(...parts) : new EventCount(...parts)),
  },
  value_count: {
    settings: none,
    needsThreshold: true,
    needsField: true,
    manyFields: true,
    leastInputs: 1,
    followsEpisodes: false,
    bounds: 'counts',
    window: (...parts) => (parts[0].settings['bounds'] ? new ValueMeasure(...parts) : new ValueCount(...parts)),
  },
  value_sum: measure,
  value_avg: measure,
  value_min: measure,
  value_max: measure,
  value_median: measure,
  value_percentile: { ...measure, settings: percentileSettings },
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
  ratio: {
    ...counted,
    settings: ratioSettings,
    leastInputs: 2,
    window: (...parts) => new Ratio(...parts),
  },
  spike: { ...counted, settings: spikeSettings, window: (...parts) => new Spike(...parts) },
  absence: { ...counted, settings: absenceSettings, window: (...parts) => new Absence(...parts) },
  sequence_walk: {
    ...counted,
    settings: sequenceWalkSettings,
    needsField: true,
    window: (...parts) => new SequenceWalk(...parts),
  },
  crowd: { ...counted, settings: crowdSettings, needsField: true, isState: true, window: (...parts) => new Crowd(...parts) },
  risk: { ...counted, settings: riskSettings, window: (...parts) => new Risk(...parts) },
};
