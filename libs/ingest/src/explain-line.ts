import { FieldIndex } from '#ecs';
import { formatNames } from './formats/format-names.js';
import { formatOf } from './formats/formats.js';
import { LogHeader, takesHeader } from './formats/w3c/header.js';
import { LogEvent } from './log-event.js';
import { DATASET } from './slots.js';
import { zoneOf, type SourceSettings } from './source.js';

/** What one format made of a line. */
export interface Attempt {
  readonly format: string;
  /** `event.dataset` where the line was understood. */
  readonly dataset: string | undefined;
  /** Why not: reason and sentence of the dead letter that it would have become. */
  readonly failure: { readonly reason: string; readonly message: string } | undefined;
}

/**
 * Tries a line with the format of the source and then with every other, for a person who wonders why a line is not understood.
 * The first attempt is what the source does, with the `#Fields:` line that held before; the others never influence it.
 */
export function explainLine(settings: SourceSettings, line: string, arrival: number, header?: string): Attempt[] {
  const declared = typeof settings.format === 'string' ? settings.format : 'log_format';
  const others = formatNames.filter((name) => name !== declared);
  return [
    { ...attempt(settings, line, arrival, takesHeader(settings) ? header : undefined), format: declared },
    ...others.map((format) => ({ ...attempt({ ...settings, format }, line, arrival), format })),
  ];
}

function attempt(settings: SourceSettings, line: string, arrival: number, header?: string): Omit<Attempt, 'format'> {
  const index = new FieldIndex();
  const event = new LogEvent({ source: settings.name, arrival, tag: 'explain', slots: index.size }, 0, 0, line);
  const parse = new LogHeader(header).parserOf(line) ?? formatOf(settings, index);
  const failure = parse(line, event, { arrival, zone: zoneOf(settings) });
  const dataset = event.values[DATASET];
  return failure ? { dataset: undefined, failure } : { dataset: typeof dataset === 'string' ? dataset : undefined, failure: undefined };
}
