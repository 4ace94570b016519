import type { ByteReader, ByteWriter } from '../../window/bytes.js';
import { SortedKey } from '../../window/sorted-window.js';

/** Something that an input rule found. */
export interface Finding {
  readonly time: number;
  readonly offset: number;
  readonly input: number;
}

/** The latest findings of each input: no more of them than can bring points. */
export class RiskKey extends SortedKey {
  findings: Finding[] = [];

  constructor(private readonly perInput: number) {
    super();
  }

  add(finding: Finding): void {
    this.findings.push(finding);
    const own = this.findings.filter(({ input }) => input === finding.input);
    if (own.length > this.perInput) this.findings.splice(this.findings.indexOf(own[0]!), 1);
  }

  pruneOwn(horizon: number): number {
    this.findings = this.findings.filter(({ time }) => time >= horizon);
    return this.findings.at(-1)?.time ?? -Infinity;
  }

  protected writeOwn(into: ByteWriter): void {
    into.whole(this.findings.length);
    for (const { time, offset, input } of this.findings) for (const number of [time, offset, input]) into.number(number);
  }

  protected readOwn(from: ByteReader): void {
    this.findings = Array.from({ length: from.whole() }, () => ({ time: from.number(), offset: from.number(), input: from.number() }));
  }
}
