import type { SignalRule } from '#ecs';
import type { WindowRule } from '../window/surroundings.js';

const keysSignal: SignalRule = {
  id: 'gatewatch-detector-keys',
  version: '1',
  title: 'Detector gave up keys of a rule',
  description:
    'A rule had more group keys than its cap, so keys that were silent longest were given up: a flood of fresh keys is an attack on the detector.',
  level: 'medium',
  techniques: [],
  tags: [],
  references: [],
  falsePositives: ['Traffic grew: raise the cap on keys.'],
  runbook: 'Look at which values fill the group-by of the rule named here, and whether they come from few senders.',
  type: 'event_count',
  asks: '',
};

const driftSignal: SignalRule = {
  id: 'gatewatch-format-drift',
  version: '1',
  title: 'Log lines of a source no longer fit its format',
  description:
    'Of the lines of a source so many are dead letters, or of another format than those it began with, that its events cannot be relied on: a format was changed, something else writes into the log, or somebody hides in lines that are not understood.',
  level: 'medium',
  techniques: [],
  tags: [],
  references: [],
  falsePositives: ['A release or a new gateway changed the format: after some 2,000 lines that are understood it counts as the source’s.'],
  runbook:
    'Look at the newest dead letters of the source named here (GET /v1/dead-letters) and run `gatewatch parse --explain` over one of them. Declare the format of the source, or write a mapping file; find out who changed the log.',
  type: 'event_count',
  asks: '',
};

/** A window of a quarter of an hour over what the detector says about itself. */
function selfRule(rule: SignalRule, groupBy: string): WindowRule {
  return { rule, type: 'event_count', groupBy: [groupBy], timespan: 900_000, threshold: 1, settings: {}, inputs: [], generates: true };
}

/** Keys were given up, by the rule that had too many. */
export const keysRule = selfRule(keysSignal, 'rule.id');
/** Lines stopped fitting, by source. */
export const driftRule = selfRule(driftSignal, 'gatewatch.source');
