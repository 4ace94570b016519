import { FieldIndex, toDocument, type JsonObject, type JsonValue } from '#ecs';
import { buildIngest } from '../../ingest.js';
import type { MappingCase, MappingFile } from './mapping-file.js';
import { valueAt, valuePath } from './records/value-path.js';

/** Arrival of every case: late enough for any time in it. */
const arrival = Date.UTC(2100, 0, 1);

/**
 * Reads the lines of a mapping's cases and says, a sentence each, where they do not become what they must.
 * @param timeZone of times that name none
 */
export function checkMapping(file: MappingFile, timeZone = 'UTC'): string[] {
  return mappingDifferences(file, timeZone).map(({ nth, message }) => `case ${nth + 1}: ${message}`);
}

/** A case of a mapping that is not met. */
export interface MappingDifference {
  /** Place among the cases, from 0. */
  readonly nth: number;
  /** Line of the file where the case begins, where that is known. */
  readonly line: number | undefined;
  readonly message: string;
}

/** The same, with the place of each in the file. */
export function mappingDifferences({ name, mapping, cases }: MappingFile, timeZone = 'UTC'): MappingDifference[] {
  const index = new FieldIndex();
  const ingest = buildIngest({
    source: () => ({ name, format: 'json', timeZone, mapping }),
    index,
    enrichers: [],
    eager: 'all',
    keepOriginal: false,
  });
  return cases.flatMap(({ line, at, ...wanted }, nth) => differencesOf(line, nth, wanted).map((message) => ({ nth, line: at, message })));

  function differencesOf(line: string, nth: number, { expect = {}, rejected }: Omit<MappingCase, 'line'>): string[] {
    const payload = Buffer.from(line.replace(/[\r\n]+/g, ' ').trim());
    const { events, deadLetters } = ingest.ingest({ source: name, arrival, offset: nth, count: 1, payload });
    const letter = deadLetters[0];
    if (rejected !== undefined)
      return letter?.reason === rejected
        ? []
        : [`expected the line to be rejected as ${rejected}, it was ${letter ? `rejected as ${letter.reason}` : 'accepted'}`];
    if (letter || !events[0]) return [`the line is rejected: ${letter?.message ?? 'it is empty'}`];
    return differences(toDocument(events[0], index), expect);
  }
}

function differences(document: JsonObject, expected: Readonly<Record<string, JsonValue>>): string[] {
  return Object.entries(expected).flatMap(([field, want]) => {
    const got = valueAt(document, valuePath(field)) ?? null;
    const listed = Array.isArray(got) && !Array.isArray(want) && got.length === 1 ? got[0]! : got;
    return JSON.stringify(listed) === JSON.stringify(want)
      ? []
      : [`${field}: expected ${JSON.stringify(want)}, found ${JSON.stringify(got)}`];
  });
}
