import { eventId, type DeadLetter, type FieldValue } from '#ecs';
import type { Millis } from '#time';
import type { Observation, SlotIndex } from '../detection.js';
import { allText } from '../sigma/load-rules.js';
import { allTexts, collect, Found } from './document-fields.js';
import { readTime, timeFields } from './event-time.js';
import { buildTree, type FieldNode } from './field-tree.js';
import { JsonScanner } from './json-scanner.js';

/** An event read from a JSON line: only the fields that were asked for. */
export class JsonObservation implements Observation {
  time = 0;
  stamp = 0;
  /** Whether the document has a time that can be read; otherwise it counts as of its arrival. */
  timed = true;

  constructor(
    private readonly from: { readonly source: string; readonly tag: string },
    readonly values: readonly FieldValue[],
    readonly offset: number,
    readonly arrival: number,
  ) {}

  get source(): string {
    return this.from.source;
  }

  get id(): string {
    return eventId({ tag: this.from.tag, position: this.offset });
  }
}

export interface JsonLinesOptions {
  readonly index: SlotIndex;
  /** Fields to take: those of the matcher, of group-bys and of `value_count`. */
  readonly fields: readonly string[];
  /** One of `fields` that nothing compares: its text is left as it stands in the document, see {@link rawText}. */
  readonly rawField?: string;
  /** `Matcher.readsAllText`: every text of a document is kept for keyword searches, which costs a `JSON.parse` a line. */
  readonly allText?: boolean;
  /** `Matcher.mayHoldKeyword`: lines that it refuses get an empty list there, unparsed. */
  readonly mayHoldKeyword?: ((line: string) => boolean) | undefined;
  readonly source: string;
  /** Names the source in event ids. */
  readonly tag: string;
  /** Names of the field that holds the time, best first; {@link timeFields} by default. */
  readonly timeFields?: readonly string[];
  /** A stamp that lies further than this after the arrival is not believed. */
  readonly maxSkew?: Millis;
}

/** Takes what a block of lines holds. `start` and `end` are the line's place in the block. */
export interface JsonLinesSink {
  event(observation: JsonObservation, start: number, end: number): void;
  rejected(letter: DeadLetter): void;
}

const lineFeed = 10;

/** Reads blocks of JSON lines in order. Offsets count lines, blank ones too, which are no events. */
export class JsonLines {
  readonly #tree: FieldNode;
  readonly #scanner: JsonScanner;
  /** What the values of an event are copied from: one piece of memory of the right size, where growing it would make several. */
  readonly #empty: readonly FieldValue[];
  readonly #size: number;
  readonly #timeSlot: number;
  readonly #textSlot: number;
  readonly #rawSlot: number;
  #offset = 0;
  /** Events without a time that can be read: they count as of their arrival. */
  withoutTime = 0;

  constructor(private readonly options: JsonLinesOptions) {
    const { index } = options;
    const names = new Set([...options.fields.filter((name) => name !== allText), '@timestamp']);
    const times = options.timeFields ?? timeFields;
    const wanted = [...names].map((name) => ({
      slot: index.slot(name),
      names: name === '@timestamp' ? times : [name],
      raw: name === options.rawField,
    }));
    this.#rawSlot = options.rawField === undefined ? -1 : index.slot(options.rawField);
    this.#timeSlot = index.slot('@timestamp');
    this.#textSlot = options.allText ? index.slot(allText) : -1;
    this.#size = Math.max(this.#textSlot, ...wanted.map(({ slot }) => slot)) + 1;
    this.#empty = emptyValues(this.#size);
    this.#tree = buildTree(wanted);
    this.#scanner = new JsonScanner(this.#tree, this.#size);
  }

  /** Reads the lines of a block that was accepted at `arrival`. A block ends with a line; the last one may lack its line feed. */
  read(block: Buffer, arrival: Millis, sink: JsonLinesSink): void {
    const whole = block[block.length - 1] === lineFeed ? block : Buffer.concat([block, Buffer.from([lineFeed])]);
    const text = whole.toString('latin1');
    this.#scanner.open(whole, text);
    const gate = this.#textSlot >= 0 ? this.options.mayHoldKeyword : undefined;
    for (let start = 0; start < block.length;) {
      const end = text.indexOf('\n', start);
      const texts = this.#textSlot >= 0 && !(gate && !gate(whole.toString('latin1', start, end)));
      this.#line(whole, { start, end, arrival, texts }, sink);
      start = end + 1;
    }
  }

  #line(
    block: Buffer,
    { start, end, arrival, texts }: { start: number; end: number; arrival: Millis; texts: boolean },
    sink: JsonLinesSink,
  ): void {
    const offset = this.#offset++;
    let values = this.#empty.slice();
    if (!texts && this.#textSlot >= 0) values[this.#textSlot] = noTexts;
    if (texts || !this.#scanner.scan(start, end, values)) {
      const parsed = this.#parse(block.toString('utf8', start, end));
      if (parsed === undefined) return;
      if ('reason' in parsed) {
        sink.rejected(this.#letter({ ...parsed, offset, arrival }, block.subarray(start, end)));
        return;
      }
      values = parsed.values;
    }
    sink.event(this.#observation(values, offset, arrival), start, end);
  }

  #observation(values: FieldValue[], offset: number, arrival: Millis): JsonObservation {
    const { maxSkew = 300_000 } = this.options;
    const observation = new JsonObservation(this.options, values, offset, arrival);
    let stamp = readTime(values[this.#timeSlot]);
    if (Number.isNaN(stamp)) {
      observation.timed = false;
      this.withoutTime++;
      stamp = arrival;
    }
    observation.stamp = stamp;
    observation.time = stamp > arrival + maxSkew ? arrival : stamp;
    return observation;
  }

  /** The plain way, for lines that the scanner leaves; `undefined` for a blank one. */
  #parse(line: string): { values: FieldValue[] } | { reason: 'json_syntax' | 'json_not_object'; message: string } | undefined {
    if (/^\s*$/.test(line)) return undefined;
    let document: unknown;
    try {
      document = JSON.parse(line);
    } catch (error) {
      return { reason: 'json_syntax', message: `The line is no JSON: ${(error as Error).message}` };
    }
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      return { reason: 'json_not_object', message: 'The line is JSON, but no object.' };
    }
    const found = new Found(this.#size);
    collect(this.#tree, document, found);
    if (this.#textSlot >= 0) found.values[this.#textSlot] = allTexts(document);
    const raw = found.values[this.#rawSlot];
    if (typeof raw === 'string') found.values[this.#rawSlot] = rawText(raw);
    return found;
  }

  #letter(part: Pick<DeadLetter, 'reason' | 'message' | 'offset' | 'arrival'>, raw: Uint8Array): DeadLetter {
    const { source, tag } = this.options;
    return { ...part, source, id: eventId({ tag, position: part.offset }), raw: Uint8Array.from(raw) };
  }
}

const noTexts: readonly string[] = [];

/** A text as it stands in a JSON document, a character for each byte of its UTF-8: it can be passed on without being decoded. */
export function rawText(text: string): string {
  return Buffer.from(JSON.stringify(text)).toString('latin1');
}

/** The text that {@link rawText} or a scanner gave; it is well-formed. */
export function textOfRaw(raw: string): string {
  return JSON.parse(Buffer.from(raw, 'latin1').toString()) as string;
}

function emptyValues(size: number): FieldValue[] {
  const values: FieldValue[] = [];
  for (let i = 0; i < size; i++) values.push(undefined);
  return values;
}
