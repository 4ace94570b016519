import { expect, it } from 'vitest';
import { loadRules, ruleTypes } from '#detection';
import { Event, FieldIndex, type Signal } from '#ecs';
import { scanStored } from './scan-stored.js';

const rule = `
title: Something of the blue team
id: 2f0cb2f2-7a3a-4b5a-9a4e-0a4b7f3c9d10
status: stable
level: high
logsource: { category: webserver }
detection:
  selection: { labels.team: blue }
  condition: selection
`;

it('reads fields of the sender’s own for rules that came after the events were stored', async () => {
  const index = new FieldIndex();
  const { rules, problems } = loadRules([{ file: 'blue.yml', text: rule }], { index, ruleTypes });
  expect(problems).toEqual([]);
  const stored = ['blue', 'red'].map((team, at) => {
    const event = new Event(at, 2000, 'web', { tag: 'abcdefghijkl', position: at });
    event.time = event.stamp = 1000 + at;
    event.extra = { labels: { team } };
    return event;
  });
  const signals: Signal[] = [];
  const sweep = async function* () {
    yield await Promise.resolve(stored);
  };
  await scanStored({ sweep }, { rules, index, settings: {}, lines: false, onSignal: (signal) => signals.push(signal) });
  expect(signals.map(({ evidence }) => evidence.map(({ offset }) => offset))).toEqual([[0]]);
});
