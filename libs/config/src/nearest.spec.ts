import { expect, it } from 'vitest';
import { nearest } from './nearest.js';

it.each([
  ['recievers', 'receivers'],
  ['group_by', 'groupBy'],
  ['prt', 'port'],
  ['PORT', 'port'],
  ['hots', 'host'],
])('%s was meant to be %s', (word, meant) => {
  expect(nearest(word, ['receivers', 'groupBy', 'port', 'host'])).toBe(meant);
});

it('does not guess when nothing is near', () => {
  expect(nearest('elasticsearch', ['receivers', 'port'])).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});
