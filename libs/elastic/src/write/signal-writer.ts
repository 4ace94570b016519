import type { Signal } from '#ecs';
import type { SignalSink } from '#query';
import { ServiceError, type Logger } from '#telemetry';
import { laterSignalIndices, signalIndex, type Names } from '../names.js';
import { BulkBody } from './bulk-body.js';
import type { Bulk } from './bulk.js';
import type { MarkStore } from './mark-store.js';
import { patiently, type Patience } from './retry.js';
import { signalText } from './signal-text.js';

export interface SignalWriterParts {
  readonly names: Names;
  readonly bulk: Bulk;
  readonly marks: MarkStore;
  readonly patience: Patience;
  readonly logger: Logger;
  readonly written: () => void;
}

const target = { path: '/_bulk', stream: false };
const most = 1000;

/**
 * Signals of one journal, updated in place. The revision is the document's version, so a repetition or an older revision that comes late changes
 * nothing. A signal is filed under the month of its first event. That moment can move back (a late event), over the end of a month too: the same
 * request then deletes it, with the same version, in the months after.
 */
export class ElasticSignalSink implements SignalSink {
  #mark: number;

  private constructor(
    private readonly parts: SignalWriterParts,
    private readonly task: string,
    mark: number,
  ) {
    this.#mark = mark;
  }

  static async open(parts: SignalWriterParts, task: string): Promise<ElasticSignalSink> {
    return new ElasticSignalSink(parts, task, (await parts.marks.read(task)).mark);
  }

  signalMark(): number {
    return this.#mark;
  }

  async putSignals(signals: readonly Signal[], mark: number): Promise<void> {
    const newest = new Map<string, Signal>();
    for (const signal of signals) if ((newest.get(signal.id)?.revision ?? -1) < signal.revision) newest.set(signal.id, signal);
    const all = [...newest.values()];
    for (let start = 0; start < all.length; start += most) await this.#write(all.slice(start, start + most));
    this.parts.written();
    if (mark <= this.#mark) return;
    await patiently(this.parts.patience, () => this.parts.marks.write(this.task, { mark, balance: {} }));
    this.#mark = mark;
  }

  async #write(signals: readonly Signal[]): Promise<void> {
    const { names, bulk } = this.parts;
    const { refused, body } = await bulk.send(target, () => {
      const filled = new BulkBody(signals.length * 4096);
      for (const signal of signals) {
        const place = { _id: signal.id, version: signal.revision, version_type: 'external' };
        filled.add({ index: { _index: signalIndex(names, signal.first), ...place } }, signalText(signal));
        for (const _index of laterSignalIndices(names, signal.first, signal.last)) filled.add({ delete: { _index, ...place } });
      }
      return filled;
    });
    // A signal that cannot be searched must not pass unnoticed: it waits in its journal, and so does everything after it.
    const [first] = refused;
    if (first)
      throw new ServiceError('elastic_signal', `Elasticsearch refused a signal: ${first.reason}. ${body.document(first.at).slice(0, 200)}`);
  }
}
