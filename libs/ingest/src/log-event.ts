import { Event, type EventIdentity, type JsonObject } from '#ecs';
import type { SourceProfile } from './source-profile.js';

/**
 * An event that still knows its line. Its strings are slices of the batch's text, and V8 keeps the whole text alive for one slice: who keeps a
 * value longer than the batch copies it.
 */
export class LogEvent extends Event {
  /** Bit by bit, which providers of lazy fields have run. */
  done = 0;
  /** Request headers that the line carries and that say who called, by their names in lower case: as the caller or a proxy wrote them. */
  headers: Record<string, string> | undefined = undefined;
  /** The request target as it was logged, where something of it was hidden. Never leaves this library. */
  target: string | undefined = undefined;
  /** The JSON object that the event was made of. Never leaves this library. */
  record: JsonObject | undefined = undefined;
  /** Whether its credentials were looked for. */
  whoRead = false;
  /** Whether people in it stand under pseudonyms: its line must not be shown then. */
  pseudonymised = false;
  /** What the source's settings say of its lines; absent where they say nothing. */
  readonly profile: SourceProfile | undefined;

  constructor(
    place: BatchPlace,
    offset: number,
    /** Byte position in the thing that was read, or the offset in the log. */
    position: number,
    /** The line as it came: not redacted, so it never leaves this library. */
    readonly raw: string,
  ) {
    super(offset, place.arrival, place.source, new Identity(place.tag, position), place.slots);
    this.profile = place.profile;
  }

  /** Gives up what only the making of further fields needed. */
  release(): void {
    this.headers = this.target = this.record = undefined;
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
  readonly profile?: SourceProfile;
}
