import { Problem } from '#http';
import type { Clock, Millis } from '#time';

const minute: Millis = 60_000;
/** Senders remembered: beyond it the one that was seen longest ago begins anew with a full allowance. */
const mostSenders = 10_000;

/** What a sender may deliver. Absent: as much as it likes. */
export interface Quota {
  readonly recordsPerMinute?: number;
  readonly bytesPerMinute?: number;
}

export interface Quotas {
  /** Of every key that has none of its own. */
  readonly each: Quota;
  /** By the name of the key. */
  readonly byKey: ReadonlyMap<string, Quota>;
}

/** Who delivers: a key. */
export interface Sender {
  readonly id: string;
  readonly name: string;
}

interface Allowance {
  records: number;
  bytes: number;
  at: Millis;
}

/**
 * Counts what each sender delivers, in records and in bytes after decompression. An allowance is a minute's worth and is filled all the time; a delivery is taken while
 * there is any of it left and may overdraw it, since a sender cannot know beforehand: the next one waits until the debt is paid. So the rate holds over time, a
 * delivery larger than a minute's worth is possible, and what was accepted is never taken back.
 */
export class QuotaLedger {
  readonly #allowances = new Map<string, Allowance>();

  constructor(
    private readonly quotas: Quotas,
    private readonly clock: Clock,
  ) {}

  /** Before a body is read, and again before it is appended. @throws Problem 429 `quota_exceeded` with the time to wait. */
  check(sender: Sender): void {
    const quota = this.#quotaOf(sender);
    if (!quota) return;
    const { records, bytes } = this.#filled(sender, quota);
    const waits = Math.max(waitOf(records, quota.recordsPerMinute), waitOf(bytes, quota.bytesPerMinute));
    if (waits === 0) return;
    const limits = [
      ...(quota.recordsPerMinute === undefined ? [] : [`${quota.recordsPerMinute} records`]),
      ...(quota.bytesPerMinute === undefined ? [] : [`${quota.bytesPerMinute} bytes`]),
    ].join(' and ');
    throw new Problem(
      429,
      'quota_exceeded',
      `The key "${sender.name}" may send ${limits} a minute and has sent more: nothing was accepted. Send again later, or ask for a larger quota (http.quotas).`,
      { retryAfter: waits },
    );
  }

  /** At the moment of appending; `giveBack` when that failed. */
  take(sender: Sender, records: number, bytes: number): void {
    const quota = this.#quotaOf(sender);
    if (!quota) return;
    const allowance = this.#filled(sender, quota);
    allowance.records -= records;
    allowance.bytes -= bytes;
  }

  giveBack(sender: Sender, records: number, bytes: number): void {
    this.take(sender, -records, -bytes);
  }

  #quotaOf({ name }: Sender): Quota | undefined {
    const quota = this.quotas.byKey.get(name) ?? this.quotas.each;
    return quota.recordsPerMinute === undefined && quota.bytesPerMinute === undefined ? undefined : quota;
  }

  #filled({ id }: Sender, { recordsPerMinute = Infinity, bytesPerMinute = Infinity }: Quota): Allowance {
    const now = this.clock.now();
    const known = this.#allowances.get(id);
    const allowance = known ?? { records: recordsPerMinute, bytes: bytesPerMinute, at: now };
    const share = Math.max(0, now - allowance.at) / minute;
    allowance.records = Math.min(recordsPerMinute, allowance.records + recordsPerMinute * share);
    allowance.bytes = Math.min(bytesPerMinute, allowance.bytes + bytesPerMinute * share);
    allowance.at = now;
    this.#allowances.delete(id);
    this.#allowances.set(id, allowance);
    if (this.#allowances.size > mostSenders) this.#allowances.delete(this.#allowances.keys().next().value!);
    return allowance;
  }
}

/** How long until at least one unit is there again. */
function waitOf(left: number, perMinute: number | undefined): Millis {
  // Shares of a unit add up inexactly.
  if (perMinute === undefined || left > 1 - 1e-6) return 0;
  return Math.max(1, Math.round(((1 - left) / perMinute) * minute));
}
