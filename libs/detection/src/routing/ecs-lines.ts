import type { FieldValue } from '#ecs';
import type { Observation, SlotIndex } from '../detection.js';
import { JsonLines, rawText, type JsonObservation } from '../json/json-lines.js';
import type { RuleSet } from '../sigma/rule.js';

/** An event read back from the document that ingest wrote of it. */
export interface EcsObservation extends Observation {
  readonly id: string;
  /** `event.original`, if it was kept, as it stands in the document: see `textOfRaw`. */
  readonly rawLine: string | undefined;
}

/** What windows and evidence show of an event, beside what rules read. */
const shownFields = ['source.ip', 'user.name', 'user.id', 'url.path', 'user_agent.original', 'http.response.status_code'];
const placeFields = [
  'source.geo.location',
  'source.geo.city_name',
  'source.geo.country_iso_code',
  'source.geo.accuracy_km',
  'gatewatch.source.geo.accuracy_km',
];
const ownFields = {
  id: 'event.id',
  original: 'event.original',
  arrival: 'gatewatch.arrival',
  created: 'event.created',
  source: 'gatewatch.source.name',
} as const;

/** What windows may read of an event for these rules, evidence included. */
export function fieldsOfWindows(rules: Pick<RuleSet, 'correlations' | 'detections'>): readonly string[] {
  return [...new Set([...shownFields, ...windowFields(rules)])];
}

/** Reads events from lines of ECS JSON, only the fields that the rules ask for, without building trees. */
export class EcsLines {
  readonly #lines: JsonLines;
  readonly #slots: Record<keyof typeof ownFields, number>;
  /** Whether no rule reads the line itself: then it is not decoded. */
  readonly #passesRaw: boolean;
  /** Slots whose values windows may read: those that travel on. */
  readonly windowSlots: readonly { readonly name: string; readonly slot: number }[];
  #offset = 0;
  /** The arrival that was read last: events of one block arrived together. */
  #arrivalText = '';
  #arrivalAt = NaN;

  constructor(rules: RuleSet, index: SlotIndex) {
    const windows = fieldsOfWindows(rules);
    const own = Object.fromEntries(Object.entries(ownFields).map(([key, name]) => [key, index.slot(name)]));
    this.#slots = own as Record<keyof typeof ownFields, number>;
    this.windowSlots = windows.map((name) => ({ name, slot: index.slot(name) }));
    this.#passesRaw = ![...rules.matcher.fields, ...windows].includes(ownFields.original);
    this.#lines = new JsonLines({
      index,
      fields: [...new Set([...rules.matcher.fields, ...windows, ...Object.values(ownFields)])],
      ...(this.#passesRaw && { rawField: ownFields.original }),
      allText: rules.matcher.readsAllText,
      mayHoldKeyword: rules.matcher.mayHoldKeyword,
      source: 'events',
      tag: 'events',
      timeFields: ['@timestamp'],
      maxSkew: Infinity,
    });
  }

  /**
   * The events of a block, in order.
   * @param offsetOf the place of the n-th line of the block, unique and rising.
   */
  read(block: Buffer, offsetOf: (line: number) => number, take: (event: EcsObservation) => void): void {
    const first = this.#offset;
    this.#lines.read(block, 0, {
      event: (read) => {
        this.#offset = read.offset + 1;
        take(this.#event(read, offsetOf(read.offset - first)));
      },
      rejected: ({ offset }) => (this.#offset = offset + 1),
    });
  }

  #event({ values, time }: JsonObservation, offset: number): EcsObservation {
    const { id, original, arrival, created, source } = this.#slots;
    const at = this.#arrival(text(values[arrival]) ?? '');
    const stamp = values[created] === undefined ? time : Date.parse(text(values[created]) ?? '');
    const line = text(values[original]);
    return {
      values,
      offset,
      time,
      stamp: Number.isNaN(stamp) ? time : stamp,
      arrival: Number.isNaN(at) ? time : at,
      source: text(values[source]) ?? '',
      id: text(values[id]) ?? '',
      rawLine: line === undefined || this.#passesRaw ? line : rawText(line),
    };
  }

  #arrival(written: string): number {
    if (written !== this.#arrivalText) {
      this.#arrivalText = written;
      this.#arrivalAt = Date.parse(written);
    }
    return this.#arrivalAt;
  }
}

function text(value: FieldValue): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function windowFields({ correlations, detections }: Pick<RuleSet, 'correlations' | 'detections'>): string[] {
  return [
    ...detections.flatMap(({ generates, episode }) => (generates ? episode.groupBy : [])),
    ...correlations.flatMap((rule) => [
      ...rule.inputs.flatMap((input) => rule.groupBy.map((name) => rule.fieldOf(name, input))),
      ...(rule.otherFields ?? []),
      ...(rule.field === undefined ? [] : [rule.field, ...rule.inputs.map((input) => rule.fieldOf(rule.field!, input))]),
      ...(rule.type === 'geo_velocity' ? placeFields : []),
    ]),
  ];
}
