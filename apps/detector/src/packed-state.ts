import type { StateWriter } from '#detection';
import type { EntryWriter } from '#kafka';
import { EntryPacket, readEntries, type PackedEntry } from '#stream';

/** Which packets count; saved with them. Numbers rise by one a packet. */
export interface PacketPlace {
  /** Number of the next packet. */
  readonly next: number;
  /** The first that counts: all that is true is in it or behind it. */
  readonly floor: number;
  /** The first of the round under way. */
  readonly begun: number;
}

const nothing: PacketPlace = { next: 0, floor: 0, begun: 0 };
const prefix = 'p/';
/** Size from which a packet is one message. */
const packetBytes = 256 << 10;
const packetRoom = packetBytes + (8 << 10);

/** One checkpoint of a packed state. */
export interface PackedChange {
  readonly place: PacketPlace;
  readonly write: (into: EntryWriter) => void;
}

/**
 * State of many small entries in packets of many entries, one behind the other, as a log: a message for each entry would cost more than all that is counted. What is
 * behind counts more than what is before. Whoever writes goes round all entries meanwhile and writes those again that did not change; after each round, the packets from before it are removed.
 */
export class PackedState {
  #place: PacketPlace;
  /** Entries of the last change that had changed: half as many that did not are to go with the next. */
  #changed = 0;

  constructor(place: PacketPlace | undefined) {
    this.#place = place ?? nothing;
  }

  /** How many unchanged entries are to be written with the next change, so that a round ends before the log has grown to some times what is true. */
  get again(): number {
    return Math.ceil(this.#changed / 2);
  }

  /** What saved packets hold, by key. */
  read(saved: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, PackedEntry> {
    const packets = [...saved]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, bytes]) => ({ number: Number(key.slice(prefix.length)), bytes }))
      .filter(({ number }) => number >= this.#place.floor)
      .sort((one, other) => one.number - other.number);
    const entries = new Map<string, PackedEntry>();
    for (const { bytes } of packets) {
      for (const entry of readEntries(bytes)) {
        if (entry.removes) entries.delete(entry.key);
        else entries.set(entry.key, entry);
      }
    }
    return entries;
  }

  /** `fill` puts everything that is true: all packets before are removed. */
  all(fill: (into: StateWriter) => void): PackedChange {
    this.#place = { ...this.#place, begun: this.#place.next };
    return this.change(fill, true);
  }

  /** @param round Whether with what `fill` puts everything has been put since the round began. */
  change(fill: (into: StateWriter) => void, round: boolean): PackedChange {
    const packets: EntryPacket[] = [];
    let open: EntryPacket | undefined;
    let entries = 0;
    const packet = (): EntryPacket => {
      entries++;
      if (!open || open.size >= packetBytes) packets.push((open = new EntryPacket(packets.length > 0 ? packetRoom : undefined)));
      return open;
    };
    fill({ put: (key, value) => packet().put(key, value), remove: (key) => packet().remove(key) });
    const { next: from, floor, begun } = this.#place;
    const next = from + packets.length;
    const place = round ? { next, floor: begun, begun: next } : { next, floor, begun };
    this.#place = place;
    this.#changed = Math.max(0, entries - this.again);
    return {
      place,
      write: (into) => {
        packets.forEach((one, at) => into.put(`${prefix}${from + at}`, one.bytes()));
        for (let number = floor; number < place.floor; number++) into.remove(`${prefix}${number}`);
      },
    };
  }
}
