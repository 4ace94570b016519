import { expect, it } from 'vitest';
import { Unsaved } from './unsaved.js';

function saved(unsaved: Unsaved): number[] {
  const found: number[] = [];
  unsaved.begin();
  unsaved.take(Infinity, (slot) => found.push(slot));
  return found;
}

it('gives each marked slot once, and none twice', () => {
  const unsaved = new Unsaved();
  for (const slot of [3, 1, 3]) unsaved.mark(slot);
  expect(saved(unsaved)).toEqual([3, 1]);
  expect(saved(unsaved)).toEqual([]);
});

it('leaves out what was freed before it was saved, and tells of what has an entry', () => {
  const unsaved = new Unsaved();
  unsaved.mark(1);
  expect(unsaved.freed(1)).toBe(false);
  unsaved.mark(2);
  expect(saved(unsaved)).toEqual([2]);
  expect(unsaved.freed(2)).toBe(true);
});

it('goes round all that is saved, some at a time, leaving out what is free or marked anyway', () => {
  const unsaved = new Unsaved();
  for (let slot = 0; slot < 6; slot++) unsaved.mark(slot);
  saved(unsaved);
  unsaved.freed(1);
  unsaved.mark(4);
  expect(unsaved.again(2, 6)).toBe(2);
  expect(saved(unsaved)).toEqual([4, 0, 2]);
  expect(unsaved.again(3, 6)).toBe(3);
  expect(saved(unsaved)).toEqual([3, 4, 5]);
  expect(unsaved.again(3, 6)).toBe(0);
  expect(unsaved.again(9, 6)).toBe(5);
  expect(saved(unsaved)).toEqual([0, 2, 3, 4, 5]);
});

it('saves in pieces what was marked before it began, each slot once, and what is marked meanwhile the next time', () => {
  const unsaved = new Unsaved();
  for (const slot of [1, 2, 3, 4]) unsaved.mark(slot);
  unsaved.begin();
  const found: number[] = [];
  expect(unsaved.take(1, (slot) => found.push(slot))).toBe(1);
  expect([unsaved.takes(1), unsaved.takes(3), unsaved.takes(3)]).toEqual([false, true, false]);
  unsaved.mark(1);
  unsaved.mark(3);
  expect(unsaved.take(2, (slot) => found.push(slot))).toBe(2);
  expect(unsaved.take(2, (slot) => found.push(slot))).toBe(0);
  expect(found).toEqual([1, 2, 4]);
  expect(saved(unsaved)).toEqual([1, 3]);
});
