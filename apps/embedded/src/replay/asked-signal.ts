import { askService } from '../backtest/asked-events.js';
import type { ToldSignal } from './compare-signals.js';

/** The document of a signal as `GET /v1/signals/<id>` gives it, as far as a replay reads it. */
export interface SignalAnswer {
  readonly data: {
    readonly '@timestamp': string;
    readonly event: { readonly id: string; readonly start: string; readonly end: string };
    readonly rule: { readonly id: string; readonly version: string };
    readonly gatewatch: {
      readonly signal: Pick<ToldSignal, 'group' | 'count' | 'distinct' | 'measures' | 'provenance'> & {
        readonly evidence: readonly { readonly offset: number; readonly '@timestamp': string; readonly id?: string }[];
      };
    };
  };
  readonly evidence: readonly unknown[];
}

/** A signal of a service that runs, and how many events of its evidence that still has. */
export async function askedSignal(id: string, base: string, key: string): Promise<{ signal: ToldSignal; kept: number }> {
  const response = await askService(new URL(`/v1/signals/${encodeURIComponent(id)}`, base), key);
  const answer = (await response.json()) as SignalAnswer;
  return { signal: toldSignal(answer), kept: answer.evidence.length };
}

export function toldSignal({ data: { '@timestamp': reached, event, rule, gatewatch } }: SignalAnswer): ToldSignal {
  const { group, count, distinct, measures, provenance, evidence } = gatewatch.signal;
  return {
    id: event.id,
    rule: { id: rule.id, version: rule.version },
    group,
    first: Date.parse(event.start),
    last: Date.parse(event.end),
    reached: Date.parse(reached),
    count,
    ...(distinct !== undefined && { distinct }),
    ...(measures && { measures }),
    // The document says nothing of data where there is none.
    ...(provenance && { provenance: { ...provenance, data: (provenance as { data?: Record<string, string> }).data ?? {} } }),
    evidence: evidence.map(({ offset, '@timestamp': time, id }) => ({ offset, time: Date.parse(time), ...(id !== undefined && { id }) })),
  };
}
