import type { FieldIndex, FieldValue } from '#ecs';
import type { Provider } from './derived/provider.js';
import type { LogEvent } from './log-event.js';

/** Runs each provider at most once for an event, and only when it must. */
export interface LazyFields {
  /** Length that `values` needs for what {@link LazyFields.fillEager} fills. */
  readonly slots: number;
  /** Fills what must be there before anybody asks. */
  fillEager(event: LogEvent): void;
  /** The value of a slot, made if it can be. */
  resolve(event: LogEvent, slot: number): FieldValue;
  /** Fills everything. */
  complete(event: LogEvent): void;
}

export function lazyFields(providers: readonly Provider[], index: FieldIndex, eager: 'all' | readonly string[]): LazyFields {
  if (providers.length > 31) throw new RangeError('At most 31 providers fit into the bits of an event.');
  const bitBySlot: number[] = [];
  providers.forEach(({ fields }, nth) => fields.forEach((name) => (bitBySlot[index.slot(name)] = 1 << nth)));
  const bitOf = (name: string): number => bitBySlot[index.find(name) ?? -1] ?? 0;
  // Those whose work others read come first in the list.
  const fills = providers.map(({ reads = [], fill }) => {
    const first = reads.reduce((bits, name) => bits | bitOf(name), 0);
    return first === 0 ? fill : (event: LogEvent) => (run(event, first), fill(event));
  });
  const everything = providers.length === 31 ? 0x7fffffff : (1 << providers.length) - 1;
  const wanted = eager === 'all' ? everything : eager.reduce((bits, name) => bits | bitOf(name), 0);
  const sparse = providers.reduce((bits, provider, nth) => (provider.sparse ? bits | (1 << nth) : bits), 0);
  const asked = new Set(eager === 'all' ? [] : eager.map((name) => index.find(name)));
  const slots = bitBySlot.reduce(
    (length, bit, at) => ((bit & wanted & ~sparse) !== 0 || (bit !== undefined && asked.has(at)) ? at + 1 : length),
    0,
  );

  function run(event: LogEvent, bits: number): void {
    let left = bits & ~event.done;
    event.done |= bits;
    for (let nth = 0; left !== 0; nth++, left >>>= 1) if (left & 1) fills[nth]!(event);
  }

  return {
    slots,
    fillEager: wanted === 0 ? () => undefined : (event) => run(event, wanted),
    resolve(event, slot) {
      const value = event.values[slot];
      if (value !== undefined) return value;
      const bit = bitBySlot[slot];
      if (bit === undefined || (event.done & bit) !== 0) return undefined;
      run(event, bit);
      return event.values[slot];
    },
    complete: (event) => run(event, everything),
  };
}
