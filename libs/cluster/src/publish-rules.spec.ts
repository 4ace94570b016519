import { describe, expect, it } from 'vitest';
import type { Outgoing } from '#kafka';
import { publishTexts } from './publish-rules.js';
import { isLater, readRulesNotice, rulesNotice, type RuleTexts } from './rule-set.js';
import { RuleShelf } from './rule-shelf.js';

const tuning = { sensitivity: 'balanced', overrides: [], exceptions: [] } as const;
const rule = (title: string): string =>
  `title: ${title}\nid: 5d2c5b4e-9f5a-4f0e-8a52-2b9f6f1a7c01\nlogsource: { category: webserver }\ndetection:\n  s: { url.path: /x }\n  condition: s\n`;
const texts = (hash: string, text: string): RuleTexts => ({
  hash,
  files: [{ file: 'own.yml', text }],
  tuning: { ...tuning, overrides: [], exceptions: [] },
});
const [one, other] = [texts('1111111111111111', rule('One')), texts('2222222222222222', rule('Other'))];

/** Topics in memory. */
function cluster() {
  const sent: Outgoing[] = [];
  const outlet = { send: (messages: readonly Outgoing[]) => (sent.push(...messages), Promise.resolve()) };
  const shelf = new RuleShelf(
    outlet,
    {
      read: (topic, _, take) => {
        for (const { topic: to, key, value } of sent) if (to === topic) take(key ?? '', value);
        return Promise.resolve();
      },
    },
    'rules',
  );
  const publish = (what: RuleTexts, now: number) => publishTexts(what, { shelf, outlet, events: 'events', partitions: 2, now });
  return {
    sent,
    shelf,
    publish,
    noticed: () => sent.filter(({ topic }) => topic === 'events').map(({ headers }) => readRulesNotice(headers)),
  };
}

describe('publishing rules', () => {
  it('tells every partition of the events after the texts are there', async () => {
    const { sent, publish, shelf, noticed } = cluster();
    expect(await publish(one, 1000)).toEqual({ problems: [], fresh: true, rules: 1, ref: { epoch: 1000, hash: one.hash } });
    expect(sent.map(({ topic, partition }) => `${topic}/${partition}`)).toEqual(['rules/0', 'events/0', 'events/1']);
    expect(noticed()).toEqual([{ epoch: 1000, hash: one.hash }, { epoch: 1000, hash: one.hash }]); // prettier-ignore
    expect(await shelf.find(one.hash)).toMatchObject({ files: one.files });
  });

  it('refuses rules with problems as a whole', async () => {
    const { sent, publish } = cluster();
    const made = await publish(texts('3333333333333333', `${rule('Fine')}---\ntitle: not a rule\n`), 1000);
    expect([made.fresh, made.ref, made.problems.length > 0, sent]).toEqual([false, undefined, true, []]);
  });

  it('takes rules up again that were in force before, later than those between', async () => {
    const { publish, noticed } = cluster();
    await publish(one, 1000);
    // The clock of this one is behind.
    await publish(other, 900);
    await publish(one, 2000);
    await publish(one, 3000);
    expect(noticed().map((ref) => `${ref?.epoch} ${ref?.hash[0]}`)).toEqual(
      ['1000 1', '1000 1', '1001 2', '1001 2', '2000 1', '2000 1', '2000 1', '2000 1'], // prettier-ignore
    );
  });

  it('says of a hash that nobody published that it is unknown', async () => {
    await expect(cluster().shelf.find(one.hash)).rejects.toThrow('gatewatch rules publish');
  });
});

describe('the order of rule sets', () => {
  it('is that of their publication, and of their hashes where two came at one moment', () => {
    const at = (epoch: number, hash: string): { epoch: number; hash: string } => ({ epoch, hash });
    expect(isLater(at(2, 'a'), at(1, 'b'))).toBe(true);
    expect([isLater(at(1, 'b'), at(1, 'a')), isLater(at(1, 'a'), at(1, 'b')), isLater(at(1, 'a'), at(1, 'a'))]).toEqual([
      true,
      false,
      false,
    ]);
    // Files of processes have no order.
    expect(isLater(at(0, 'b'), at(0, 'a'))).toBe(false);
  });

  it('travels in a header, and other messages have none', () => {
    expect(readRulesNotice(rulesNotice({ epoch: 7, hash: one.hash }))).toEqual({ epoch: 7, hash: one.hash });
    expect(readRulesNotice({ rules: 'x' })).toBeUndefined();
    expect(readRulesNotice(undefined)).toBeUndefined();
  });
});
