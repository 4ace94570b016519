import type { FieldValue } from './field.js';

/** A tree as JSON has it, for fields outside the table. */
export type JsonObject = { [key: string]: JsonValue };
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/**
 * One thing that happened, as flat as can be: values by slot (see `field.ts`). It becomes an ECS document only where somebody reads one
 * (`toDocument`, `writeDocument`); matching never builds it.
 */
export class Event {
  /** Values by slot. */
  readonly values: FieldValue[];
  /** Fields without a slot, as a tree of ECS or custom names. */
  extra: JsonObject | undefined;
  /** Event time as evaluated, in milliseconds since the epoch: the arrival time where the log's own stamp is not trusted. */
  time = 0;
  /** The stamp that the log line itself carried, in milliseconds; differs from `time` only for a future stamp. */
  stamp = 0;

  constructor(
    /** Place in the log that Gatewatch reads (partition offset): unique, rising, the reference that windows and evidence keep. */
    readonly offset: number,
    /** When the record was accepted, in milliseconds. */
    readonly arrival: number,
    /** Source that delivered it. */
    readonly source: string,
    /** What the id is made of: a store keeps it in parts. */
    readonly identity: EventIdentity,
    /** Slots to make room for at once: an array that grows is allocated three times over. */
    slots = 0,
  ) {
    this.values = slots === 0 ? [] : new Array<FieldValue>(slots);
  }

  /** Derived id: the same record has the same id however often it is read. */
  get id(): string {
    return eventId(this.identity);
  }
}

/** What an event's id is derived from: the sender's own id, or the place of the record in its source (topic partition and offset, file and byte). */
export interface EventIdentity {
  /** 12 characters that name the source: see {@link sourceTag}. */
  readonly tag: string;
  readonly position: number;
  /** Hash of the sender's own id, scoped to the source; wins over the position. */
  readonly own?: string;
}

/** `own`, or the tag and the position in base 36: injective, so no two places share an id. */
export function eventId({ tag, position, own }: EventIdentity): string {
  return own ?? `${tag}-${position.toString(36).padStart(9, '0')}`;
}

/** Why a record could not become an event. The set is closed: it is also the label of the metric. */
export const deadLetterReasons = [
  'line_shape',
  'timestamp',
  'time_zone_unknown',
  'json_syntax',
  'json_not_object',
  'field_type',
  'too_long',
  'format_unknown',
] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];

/** A record that was accepted and could not be understood. Nothing of it is thrown away. */
export interface DeadLetter {
  readonly id: string;
  readonly offset: number;
  readonly arrival: number;
  readonly source: string;
  readonly reason: DeadLetterReason;
  /** One sentence: what was expected, where, what was found. */
  readonly message: string;
  /** The bytes as they came, without the line end. */
  readonly raw: Uint8Array;
}
