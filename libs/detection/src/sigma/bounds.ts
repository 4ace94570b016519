import { show, type Content, type Place } from './documents.js';

/** What a measure is compared with: all that are there must hold (Sigma correlation specification 2.1, "Condition": criteria are joined by AND). */
export interface Bounds {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
  readonly eq?: number;
  readonly neq?: number;
}

export const criteria = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;

export function isWithin(value: number, { gt, gte, lt, lte, eq, neq }: Bounds): boolean {
  if (Number.isNaN(value)) return false;
  if (gt !== undefined && !(value > gt)) return false;
  if (gte !== undefined && !(value >= gte)) return false;
  if (lt !== undefined && !(value < lt)) return false;
  if (lte !== undefined && !(value <= lte)) return false;
  if (eq !== undefined && value !== eq) return false;
  return neq === undefined || value !== neq;
}

/** Whether more events can make a measure that grows with them leave the bounds: then it can only be judged when its window is over. */
export function hasUpper({ lt, lte, eq, neq }: Bounds): boolean {
  return lt !== undefined || lte !== undefined || eq !== undefined || neq !== undefined;
}

/** Reads the criteria of a condition; `counts` for measures that are whole numbers from 1, since a window begins with an event. */
export function readBounds(given: Content, counts: boolean, place: Place): Bounds | undefined {
  const bounds: Partial<Record<(typeof criteria)[number], number>> = {};
  let sound = true;
  for (const name of criteria) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value) || (counts && !Number.isSafeInteger(value))) {
      sound = !!place.at(name).fail(`expected a ${counts ? 'whole number' : 'number'}, got ${show(value)}`);
    } else bounds[name] = value;
  }
  if (!sound) return undefined;
  if (isImpossible(bounds, counts))
    return place.fail(`${describeBounds(bounds)} can never be true${counts ? ': a window begins with an event, so the least is 1' : ''}`);
  return bounds;
}

function isImpossible({ gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity, eq, neq }: Bounds, counts: boolean): boolean {
  const least = Math.max(gt, gte, eq ?? -Infinity, counts ? 1 : -Infinity);
  const most = Math.min(lt, lte, eq ?? Infinity);
  if (least > most || (counts && lt - gt < 2)) return true;
  return least === most && (gt === least || lt === most || neq === least);
}

const signs = { gt: '>', gte: '≥', lt: '<', lte: '≤', eq: '=', neq: '≠' } as const;

/** In words for people: `> 100 and ≤ 200`. */
export function describeBounds(bounds: Bounds): string {
  return criteria.flatMap((name) => (bounds[name] === undefined ? [] : `${signs[name]} ${bounds[name]}`)).join(' and ');
}
