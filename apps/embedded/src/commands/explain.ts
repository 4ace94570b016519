import { explainLine, headerAfter, type Attempt, type SourceSettings } from '#ingest';
import { printable } from '#telemetry';
import { systemClock } from '#time';
import type { Input } from '../input/blocks.js';
import type { Io } from './io.js';

/** Longest line that is explained: what is longer is judged by its beginning. */
const longest = 65_536;

/** Says for each line which format read it, or which were tried and why they failed. */
export async function explainInput(input: Input, settings: SourceSettings, io: Io): Promise<void> {
  const arrival = systemClock.now();
  let number = 0;
  let header: string | undefined;
  for await (const { payload } of input.blocks()) {
    for (const line of Buffer.from(payload).toString('utf8').replace(/\n$/, '').split('\n')) {
      number++;
      const text = line.replace(/\r$/, '');
      if (text !== '') await io.out(explanation(number, explainLine(settings, text.slice(0, longest), arrival, header)));
      if (text.startsWith('#')) header = headerAfter(Buffer.from(text), header);
    }
  }
}

function explanation(number: number, [first, ...others]: readonly Attempt[]): string {
  if (!first?.failure) return `${number}: read by ${first?.format} as ${first?.dataset ?? 'an event'}\n`;
  const lines = [`${number}: ${first.format} failed (${first.failure.reason}): ${printable(first.failure.message)}`];
  for (const { format, failure, dataset } of others)
    lines.push(
      failure
        ? `   ${format}: ${failure.reason}: ${printable(failure.message)}`
        : `   ${format} would read it as ${dataset ?? 'an event'}: --format ${format}`,
    );
  return `${lines.join('\n')}\n`;
}
