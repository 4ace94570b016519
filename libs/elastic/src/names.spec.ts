import { expect, it } from 'vitest';
import { laterSignalIndices, monthOf, namesIn, signalIndex } from './names.js';

const names = namesIn('default');

it('files a signal under the month of its first event', () => {
  expect(signalIndex(names, Date.UTC(2026, 10, 30, 23, 59, 59, 999))).toBe('alerts-gatewatch.signals-default-2026.11');
  expect(monthOf(0)).toBe('1970.01');
});

it('names the months after it up to the last event, a year at most', () => {
  const day = 86_400_000;
  const first = Date.UTC(2026, 11, 31, 23);
  expect(laterSignalIndices(names, first, first + 600_000)).toEqual([]);
  expect(laterSignalIndices(names, first, first + day)).toEqual(['alerts-gatewatch.signals-default-2027.01']);
  expect(laterSignalIndices(names, Date.UTC(2026, 0, 31), Date.UTC(2026, 2, 1))).toHaveLength(2);
  expect(laterSignalIndices(names, 0, first)).toHaveLength(12);
});
