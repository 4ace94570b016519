import { expect, it } from 'vitest';
import { silentLogger, type Facts } from '#telemetry';
import { FakeClock, hostile, sampleSignal } from '#testkit';
import type { SignalNotice } from '../../notice.js';
import { log } from './log.js';

const notice: SignalNotice = {
  kind: 'signal',
  id: 'n',
  occasion: 'opened',
  signal: sampleSignal(),
  opening: 'n',
  untold: true,
  receiver: 'log',
  at: 0,
};
const closed = sampleSignal({ status: 'closed' });

it('writes one line a signal, with what acts in it spelled out', async () => {
  const lines: [string, Facts | undefined][] = [];
  const logger = { ...silentLogger, info: (message: string, facts?: Facts) => void lines.push([message, facts]) };
  const channel = log.connect({ type: 'log' }, { clock: new FakeClock(), log: logger, baseUrl: 'http://127.0.0.1:8080' });
  await channel.send({ ...notice, signal: sampleSignal({ reason: hostile }) });
  const entries: SignalNotice[] = [
    { ...notice, occasion: 'closed', untold: false, signal: closed },
    { ...notice, signal: closed },
  ];
  expect(await channel.send({ kind: 'digest', id: 'd', entries, receiver: 'log', at: 0 })).toEqual({ outcome: 'delivered' });
  expect(lines.map(([message]) => message)).toEqual(['Signal opened.', 'Signal closed.', 'Signal opened and closed.']);
  expect(String(lines[0]![1]!['reason'])).toContain('\\x1b[31m\\u202e');
  expect(JSON.stringify(lines, null, 2) + '\n').not.toMatch(/\\u001b|\u202e/);
  await expect(`${JSON.stringify(lines[1]![1], null, 2)}\n`).toMatchFileSnapshot('./message.expected.json');
});
