import type { WatchedRule } from './watched-rule.js';

/** One event that a rule's detections matched. */
export interface Counted {
  readonly time: number;
  readonly offset: number;
  /** Place among the rule's inputs. */
  readonly input: number;
  /** Value of the counted field. */
  readonly value: string;
}

/** The window of a group that came closest to what the rule asks for. */
export interface NearestWindow {
  readonly from: number;
  readonly to: number;
  /** Events, different values or kinds of event in it, and how many the rule asks for. */
  readonly reached: number;
  readonly needed: number;
  readonly missing: number;
  /** What is counted. */
  readonly of: 'events' | 'different values' | 'kinds of event' | 'steps in order';
}

/** The fullest window, for rule types whose windows can be told from the events alone. `events` are in time. */
export function nearestWindow(
  events: readonly Counted[],
  { type, threshold, timespan, inputs, direct, settings }: WatchedRule,
): NearestWindow | undefined {
  if (!direct || events.length === 0) return undefined;
  if (type === 'event_count')
    return told(
      fullest(events, timespan, () => ''),
      threshold,
      'events',
    );
  if (type === 'value_count')
    return told(
      fullest(events, timespan, ({ value }) => value),
      threshold,
      'different values',
    );
  if (type === 'temporal')
    return told(
      fullest(events, timespan, ({ input }) => String(input)),
      (settings['least'] as number | undefined) ?? inputs.length,
      'kinds of event',
    );
  if (type === 'temporal_ordered') return told(longestOrder(events, timespan, inputs.length), inputs.length, 'steps in order');
  return undefined;
}

interface Full {
  readonly from: number;
  readonly to: number;
  readonly reached: number;
}

function told({ from, to, reached }: Full, needed: number, of: NearestWindow['of']): NearestWindow {
  return { from, to, reached, needed, missing: Math.max(0, needed - reached), of };
}

/** The window with most events, or with most different names where they have some. */
function fullest(events: readonly Counted[], timespan: number, nameOf: (event: Counted) => string): Full {
  const named = nameOf(events[0]!) !== '';
  const names = new Map<string, number>();
  let best: Full = { from: 0, to: 0, reached: 0 };
  let start = 0;
  events.forEach((event, end) => {
    const name = nameOf(event);
    names.set(name, (names.get(name) ?? 0) + 1);
    for (; event.time - events[start]!.time > timespan; start++) {
      const gone = nameOf(events[start]!);
      const left = names.get(gone)! - 1;
      if (left === 0) names.delete(gone);
      else names.set(gone, left);
    }
    const reached = named ? names.size : end - start + 1;
    if (reached > best.reached) best = { from: events[start]!.time, to: event.time, reached };
  });
  return best;
}

/** The longest beginning of the steps that happened in their order within the timespan: for each step the latest possible start is kept. */
function longestOrder(events: readonly Counted[], timespan: number, steps: number): Full {
  const starts = new Array<number>(steps).fill(-Infinity);
  let best: Full = { from: 0, to: 0, reached: 0 };
  for (const { time, input } of events) {
    const from = input === 0 ? time : starts[input - 1]!;
    if (time - from > timespan) continue;
    starts[input] = Math.max(starts[input]!, from);
    if (input + 1 > best.reached) best = { from, to: time, reached: input + 1 };
  }
  return best;
}
