import type { SignalStatus } from '#ecs';
import type { ByteReader, ByteWriter } from './bytes.js';
import { EvidenceList } from './evidence.js';

/** A maximal chain of overlapping qualifying windows of one rule and key: what becomes a signal. Rule types add what they need to go on. */
export class Episode {
  id = '';
  /** Offset of the event whose observation opened it: the earlier-opened of two that are joined stays. */
  openedBy = 0;
  status: SignalStatus = 'open';
  mergedInto: string | undefined;
  first = 0;
  last = 0;
  reached = 0;
  count = 0;
  /** Changes so far. Each counted event is one, so it does not depend on how often somebody looked. */
  revision = 0;
  /** Arrival time of the record that made the last change. */
  arrival = 0;
  key = '';
  measures: Record<string, number> | undefined;
  /** What a rule type says of it in the reason. */
  note: string | undefined;
  /** Waits in the list of changes. */
  listed = false;
  /** Told to rules that count this rule's episodes. */
  announced = false;
  evidence = new EvidenceList();

  /** Distinct values, for rules that count them: asked for when a signal is made. */
  get distinct(): number | undefined {
    return undefined;
  }

  write(into: ByteWriter): void {
    into.text(this.id);
    into.text(this.key);
    into.text(this.note ?? '');
    into.byte((this.announced ? 1 : 0) + (this.listed ? 4 : 0));
    for (const number of [this.openedBy, this.first, this.last, this.reached, this.count, this.revision, this.arrival]) into.number(number);
    const measures = Object.entries(this.measures ?? {});
    into.whole(measures.length);
    for (const [name, value] of measures) {
      into.text(name);
      into.number(value);
    }
    this.evidence.write(into);
  }

  read(from: ByteReader): this {
    this.id = from.text();
    this.key = from.text();
    this.note = from.text() || undefined;
    const flags = from.byte();
    this.announced = (flags & 1) > 0;
    this.listed = (flags & 4) > 0;
    this.openedBy = from.number();
    this.first = from.number();
    this.last = from.number();
    this.reached = from.number();
    this.count = from.number();
    this.revision = from.number();
    this.arrival = from.number();
    const measures = Array.from({ length: from.whole() }, (): [string, number] => [from.text(), from.number()]);
    if (measures.length) this.measures = Object.fromEntries(measures);
    this.evidence.read(from);
    return this;
  }
}

/** Takes over what two episodes have in common knowledge: the survivor is the one that opened first. */
export function absorb(survivor: Episode, other: Episode): void {
  survivor.first = Math.min(survivor.first, other.first);
  survivor.last = Math.max(survivor.last, other.last);
  survivor.reached = Math.min(survivor.reached, other.reached);
  survivor.count += other.count;
  survivor.revision += other.revision;
  survivor.announced ||= other.announced;
  survivor.evidence.merge(other.evidence);
  other.status = 'merged';
  other.mergedInto = survivor.id;
  other.revision++;
}

/** The one that stays of several that are joined. */
export function earliestOpened<E extends Episode>(episodes: readonly E[]): E {
  return episodes.reduce((one, other) => (other.openedBy < one.openedBy ? other : one));
}
