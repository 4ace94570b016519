import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Millis } from '#time';
import { canonicalIp } from '../../http/address.js';

/** What name servers said of an address that claims to be a crawler. */
export interface BotAnswer {
  readonly ip: string;
  readonly crawler: string;
  readonly verified: boolean;
  /** It holds for records that arrived from then on, … */
  readonly from: Millis;
  /** … and before that. */
  readonly until: Millis;
}

/** How long answers are kept that hold no more, for records that are read again. */
const remembered: Millis = 86_400_000;

export function answerKey(ip: string, crawler: string): string {
  return `${crawler} ${ip}`;
}

/** Answers in a file, a line each, which a person can read; and by address and crawler in memory. */
export class BotAnswers {
  /** The youngest first. */
  readonly #byKey = new Map<string, readonly BotAnswer[]>();
  #size = 0;
  #spoofed = 0;
  #lines = 0;

  /** Lines that are no answers are left out: the last one of a crash was never in force. */
  constructor(private readonly file: string) {
    if (!existsSync(file)) return;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const answer = answerOf(line);
      if (answer) this.#put(answer);
    }
  }

  get size(): number {
    return this.#size;
  }

  get spoofed(): number {
    return this.#spoofed;
  }

  /** What holds for a record that arrived then. */
  at(key: string, arrival: Millis): BotAnswer | undefined {
    return this.#byKey.get(key)?.find(({ from, until }) => from <= arrival && arrival < until);
  }

  /** Safe in the file first, then in force. @throws Error of the file system: then nothing is in force. */
  learn(answers: readonly BotAnswer[]): void {
    if (answers.length === 0) return;
    append(this.file, answers);
    for (const answer of answers) this.#put(answer);
  }

  /** Forgets what held last more than a day ago, and writes the file anew when half of it is of no use. */
  prune(now: Millis): void {
    for (const [key, all] of this.#byKey) {
      const kept = all.filter(({ until }) => until + remembered > now);
      if (kept.length === all.length) continue;
      this.#count(all, -1);
      this.#count(kept, 1);
      if (kept.length) this.#byKey.set(key, kept);
      else this.#byKey.delete(key);
    }
    if (this.#lines > 2 * this.#size + 1000) this.rewrite();
  }

  /** Whole or not at all. Done before the first append too: what is behind a torn line would be lost. */
  rewrite(): void {
    const all = [...this.#byKey.values()].flatMap((each) => each.toReversed());
    mkdirSync(dirname(this.file), { recursive: true });
    const unfinished = `${this.file}.${process.pid}.part`;
    append(unfinished, all, 'w');
    renameSync(unfinished, this.file);
    this.#lines = all.length;
  }

  #put(answer: BotAnswer): void {
    const key = answerKey(answer.ip, answer.crawler);
    this.#byKey.set(key, [answer, ...(this.#byKey.get(key) ?? [])]);
    this.#count([answer], 1);
    this.#lines++;
  }

  #count(answers: readonly BotAnswer[], by: 1 | -1): void {
    this.#size += by * answers.length;
    for (const { verified } of answers) if (!verified) this.#spoofed += by;
  }
}

function append(file: string, answers: readonly BotAnswer[], flags = 'a'): void {
  const lines = answers.map((answer) =>
    JSON.stringify({ ...answer, from: new Date(answer.from).toISOString(), until: new Date(answer.until).toISOString() }),
  );
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const handle = openSync(file, flags, 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function answerOf(line: string): BotAnswer | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { ip, crawler, verified, from, until } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    const address = typeof ip === 'string' ? canonicalIp(ip) : undefined;
    if (address === undefined || typeof crawler !== 'string' || typeof verified !== 'boolean') return undefined;
    const [start, end] = [Date.parse(String(from)), Date.parse(String(until))];
    return Number.isNaN(start) || Number.isNaN(end) ? undefined : { ip: address, crawler, verified, from: start, until: end };
  } catch {
    // Torn by a crash, or mended by hand and wrong.
    return undefined;
  }
}
