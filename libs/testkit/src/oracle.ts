/** What the oracle knows of an event: when, where in the log, the value counted. */
export interface OracleEvent {
  readonly time: number;
  readonly offset: number;
  readonly value?: string;
}

export interface OracleEpisode {
  readonly first: number;
  readonly last: number;
  readonly reached: number;
  readonly count: number;
}

/** Episodes of `event_count gte threshold` for one key: every window of consecutive events is looked at. */
export function eventCountEpisodes(events: readonly OracleEvent[], threshold: number, timespan: number): OracleEpisode[] {
  const sorted = inOrder(events);
  const windows = sorted
    .map((_, i) => sorted.slice(i, i + threshold))
    .filter((window) => window.length === threshold && window.at(-1)!.time - window[0]!.time <= timespan)
    .map((window) => ({ first: window[0]!.time, last: window.at(-1)!.time, reached: window.at(-1)!.time }));
  // Single events share no event with their neighbours: they chain when at most a timespan apart.
  return episodes(windows, threshold === 1 ? timespan : 0).map((episode) => ({ ...episode, count: within(sorted, episode).length }));
}

/** Episodes of `value_count gte threshold`: every stretch from one event to another is looked at. */
export function valueCountEpisodes(
  events: readonly OracleEvent[],
  threshold: number,
  timespan: number,
): (OracleEpisode & { distinct: number })[] {
  const sorted = inOrder(events);
  const windows = sorted.flatMap((from, i) =>
    sorted.slice(i).flatMap((to) => {
      const inside = sorted.filter(({ time }) => time >= from.time && time <= to.time);
      const isWindow = to.time - from.time <= timespan && new Set(inside.map(({ value }) => value)).size >= threshold;
      return isWindow ? [{ first: from.time, last: to.time, reached: to.time }] : [];
    }),
  );
  return episodes(windows, threshold === 1 ? timespan : 0).map((episode) => {
    const inside = within(sorted, episode);
    return { ...episode, count: inside.length, distinct: new Set(inside.map(({ value }) => value)).size };
  });
}

/** Something of one input of a temporal rule: a match, or an episode from the time it was reached to its last event. */
export interface OracleOccurrence {
  readonly input: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Episodes of `temporal` and `temporal_ordered` over whole-numbered times: every choice of one whole-numbered point per input is looked at.
 */
export function temporalEpisodes(
  occurrences: readonly OracleOccurrence[],
  asked: { inputs: number; timespan: number; ordered: boolean },
): OracleEpisode[] {
  const taking = new Map<OracleOccurrence, { first: number; last: number }[]>();
  const windows: OracleWindow[] = [];
  const choose = (chosen: readonly { occurrence: OracleOccurrence; at: number }[]): void => {
    const times = chosen.map(({ at }) => at);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    if (chosen.length > 0 && last - first > asked.timespan) return;
    if (chosen.length === asked.inputs) {
      windows.push({ first, last, reached: last });
      for (const { occurrence } of chosen) taking.set(occurrence, [...(taking.get(occurrence) ?? []), { first, last }]);
      return;
    }
    for (const occurrence of occurrences) {
      if (occurrence.input !== chosen.length) continue;
      for (let at = occurrence.from; at <= occurrence.to; at++) {
        if (asked.ordered && chosen.length > 0 && at < chosen.at(-1)!.at) continue;
        choose([...chosen, { occurrence, at }]);
      }
    }
  };
  choose([]);
  return episodes(windows, 0).map((episode) => ({
    ...episode,
    count: [...taking.values()].filter((own) => own.some(({ first, last }) => first >= episode.first && last <= episode.last)).length,
  }));
}

/** Episodes over pairs of events that a test calls suspicious, at most `timespan` apart. */
export function pairEpisodes<E extends OracleEvent>(
  events: readonly E[],
  timespan: number,
  suspicious: (one: E, other: E) => boolean,
): OracleEpisode[] {
  const sorted = inOrder(events);
  const taking = new Set<E>();
  const windows = sorted.flatMap((one, i) =>
    sorted.slice(i + 1).flatMap((other) => {
      if (other.time - one.time > timespan || !suspicious(one, other)) return [];
      taking.add(one).add(other);
      return [{ first: one.time, last: other.time, reached: other.time }];
    }),
  );
  return episodes(windows, 0).map((episode) => ({ ...episode, count: within([...taking], episode).length }));
}

/** Events whose value was not seen within `memory` before them, once the key is known for `learning`. */
export function newValues(events: readonly OracleEvent[], memory: number, learning: number): OracleEvent[] {
  const sorted = inOrder(events);
  return sorted.filter((event, i) => {
    const earlier = sorted.slice(0, i);
    if (earlier.some(({ time, value }) => value === event.value && event.time - time <= memory)) return false;
    let since = event.time;
    for (let j = i - 1; j >= 0 && sorted[j + 1]!.time - sorted[j]!.time <= memory; j--) since = sorted[j]!.time;
    return event.time - since >= learning;
  });
}

interface OracleWindow {
  readonly first: number;
  readonly last: number;
  readonly reached: number;
}

/** Maximal chains of windows that overlap, or whose distance is at most `gap`. */
function episodes(windows: readonly OracleWindow[], gap: number): OracleWindow[] {
  const chains: { first: number; last: number; reached: number }[] = [];
  for (const { first, last, reached } of [...windows].sort((one, other) => one.first - other.first)) {
    const chain = chains.at(-1);
    if (!chain || first - chain.last > gap) chains.push({ first, last, reached });
    else {
      chain.last = Math.max(chain.last, last);
      chain.reached = Math.min(chain.reached, reached);
    }
  }
  return chains;
}

function within<E extends OracleEvent>(events: readonly E[], { first, last }: { first: number; last: number }): E[] {
  return events.filter(({ time }) => time >= first && time <= last);
}

function inOrder<E extends OracleEvent>(events: readonly E[]): E[] {
  return [...events].sort((one, other) => one.time - other.time || one.offset - other.offset);
}
