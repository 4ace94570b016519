import { describe, expect, it } from 'vitest';
import { signalDocument } from '#ecs';
import { sampleSignal } from '#testkit';
import { toldSignal, type SignalAnswer } from './asked-signal.js';
import { compareSignals } from './compare-signals.js';

describe('a signal that a running service tells', () => {
  it('is the one that was stored, in all that a replay compares', () => {
    const signal = sampleSignal();
    const data = JSON.parse(JSON.stringify(signalDocument(signal))) as SignalAnswer['data'];
    const told = toldSignal({ data, evidence: [] });
    expect(compareSignals(told, signal)).toEqual([]);
    expect(told.group).toEqual(signal.group);
    expect(told.rule).toEqual({ id: signal.rule.id, version: signal.rule.version });
  });
});
