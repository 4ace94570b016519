import { FieldIndex, slot, type Event } from '#ecs';
import type { RuleTuning } from '#detection';
import { loadFiles } from '../rules/load-rule-set.js';
import { buildEnrichers, buildIngest, linePart, type IngestSettings, type SourceSettings } from '#ingest';
import type { Millis } from '#time';
import { countRecords } from '../sources/records.js';
import { MatchedSets } from './matched-sets.js';
import { thinFieldsOf, ValueColumn, type ReadBlock, type ThinFields } from './read-block.js';

/** What reads lines elsewhere than the windows: rules as texts, so that both sides have the same. */
export interface ReadingSettings {
  readonly ruleFiles: readonly { readonly file: string; readonly text: string }[];
  /** How these are adjusted: without it the detections would stand in other places. */
  readonly tuning: RuleTuning;
  readonly source: SourceSettings;
  readonly ingest?: IngestSettings;
  /** Arrival time of all lines. */
  readonly now: Millis;
}

/** Reads and matches blocks of lines: everything of a scan that needs no memory of the lines before. */
export class BlockReader {
  readonly #index = new FieldIndex();
  readonly #ingest;
  readonly #matcher;
  readonly #found: Int32Array;
  #thin: ThinFields = [];

  constructor(private readonly settings: ReadingSettings) {
    const { rules } = loadFiles(settings.ruleFiles, { index: this.#index, tuning: settings.tuning });
    this.#matcher = rules.matcher;
    this.#found = new Int32Array(rules.detections.length);
    this.#ingest = buildIngest({
      source: () => settings.source,
      index: this.#index,
      enrichers: buildEnrichers(settings.ingest),
      eager: rules.matcher.fields,
      keepOriginal: false,
      ...linePart(settings.ingest),
    });
  }

  /** To be said once before the first block. */
  thin(fields: ThinFields): void {
    this.#thin = fields;
  }

  /** @param header The `#Fields:` line that held before the block. */
  read(payload: Uint8Array, header?: string): ReadBlock {
    const { source, now } = this.settings;
    const records = countRecords(payload);
    const described = header === undefined ? {} : { header };
    const batch = { source: source.name, arrival: now, offset: 0, count: records, payload, ...described };
    // With a tag of its own an event's position is the first byte of its line.
    const { events, deadLetters, blank } = this.#ingest.ingest({ ...batch, tag: 'block', position: 0 });
    return {
      ...described,
      payload,
      records,
      blank: Object.values(blank).reduce((sum, amount) => sum + amount, 0),
      deadLetters: tally(deadLetters.map(({ reason }) => reason)),
      datasets: tally(events.map(({ values }) => (values[slot['event.dataset']] as string | undefined) ?? 'other')),
      times: Float64Array.from(events, ({ time }) => time),
      stamps: Float64Array.from(events, ({ stamp }) => stamp),
      places: Uint32Array.from(events, ({ offset }) => offset),
      starts: Uint32Array.from(events, ({ identity }) => identity.position),
      ...(events.some(({ identity }) => identity.own !== undefined) && { own: events.map(({ identity }) => identity.own) }),
      ...this.#match(events),
    };
  }

  #match(events: readonly Event[]): Pick<ReadBlock, 'matched' | 'sets' | 'text' | 'lengths' | 'others'> {
    const sets = new MatchedSets();
    const matched = new Uint32Array(events.length);
    const slots: (readonly number[])[] = [];
    const values = new ValueColumn();
    events.forEach((event, row) => {
      const set = (matched[row] = sets.of(this.#found, this.#matcher.match(event.values, this.#found)));
      const wanted = (slots[set] ??= this.#slotsOf(sets.sets[set]!));
      for (const at of wanted) values.add(event.values[at] ?? this.#ingest.resolve(event, at));
    });
    return { matched, sets: sets.sets, ...values.finish() };
  }

  #slotsOf(set: readonly number[]): readonly number[] {
    return thinFieldsOf(set, this.#thin).map((name) => this.#index.slot(name));
  }
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
