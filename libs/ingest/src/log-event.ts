import { Event, type EventIdentity } from '#ecs';

/**
 * An event that still knows its line. Its strings are slices of the batch's text, and V8 keeps the whole text alive for one slice: who keeps a
 * value longer than the batch copies it.
 */
export class LogEvent extends Event {
  /** Bit by bit, which providers of lazy fields have run. */
  done = 0;

  constructor(
    place: BatchPlace,
    offset: number,
    /** Byte position in the thing that was read, or the offset in the log. */
    position: number,
    /** The line as it came: not redacted, so it never leaves this library. */
    readonly raw: string,
  ) {
    super(offset, place.arrival, place.source, new Identity(place.tag, position), place.slots);
  }

  /** Hash of the sender's own id, where the record has one. */
  get own(): string | undefined {
    return this.identity.own;
  }
  set own(id: string | undefined) {
    (this.identity as Identity).own = id;
  }
}

/** The own id is known only when the line has been read. */
class Identity implements EventIdentity {
  own: string | undefined = undefined;
  constructor(
    readonly tag: string,
    readonly position: number,
  ) {}
}

/** What the events of one batch share. */
export interface BatchPlace {
  readonly source: string;
  readonly arrival: number;
  readonly tag: string;
  /** Length of `values` to begin with. */
  readonly slots: number;
}
