import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from '../sigma/load-rules.js';
import { readRuleFiles } from '../sigma/read-rule-files.js';
import { ruleTuning, sensitivities } from '../sigma/tuning.js';
import { shippedRulesDir } from './shipped-rules.js';

const files = readRuleFiles(shippedRulesDir());
const load = (sensitivity: (typeof sensitivities)[number]) =>
  loadRules(files, { index: new FieldIndex(), ruleTypes, tuning: ruleTuning.parse({ sensitivity }) });

describe('the shipped rules', () => {
  it.each(sensitivities)('load together as %s', (sensitivity) => {
    expect(load(sensitivity).problems).toEqual([]);
  });

  it('ask for less when strict and for more when quiet', () => {
    const [strict, balanced, quiet] = sensitivities.map((sensitivity) => load(sensitivity).rules.correlations);
    balanced!.forEach(({ threshold, timespan }, i) => {
      if (threshold === undefined) return;
      expect(strict![i]!.threshold! <= threshold || strict![i]!.timespan < timespan).toBe(true);
      expect(quiet![i]!.threshold! >= threshold || quiet![i]!.timespan > timespan).toBe(true);
    });
  });

  it('are looked at only when an event holds what they need', () => {
    expect(load('balanced').rules.matcher.unindexed ?? []).toEqual([]);
  });
});
