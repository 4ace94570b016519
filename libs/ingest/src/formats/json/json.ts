import type { FieldIndex, JsonObject } from '#ecs';
import { failed, quoted, type Failure } from '../../failure.js';
import type { LogEvent } from '../../log-event.js';
import { CATEGORY, DATASET, IP, MESSAGE, METHOD, STATUS, URL_ORIGINAL } from '../../slots.js';
import type { Parse, Scope } from '../format.js';
import { finishJson, wrapperTime } from './json-finish.js';
import { slotValue, unfit } from './json-values.js';
import { Walk } from './json-walk.js';
import { keyTree, type KeyNode } from './key-tree.js';
import { verdictsOf, type JsonMapping } from './mapping.js';
import { compileVerdicts } from './records/compile-map.js';
import { findRecord, recordReaders, type FoundRecord } from './records/records.js';
import { isObject } from './records/value-path.js';

export interface JsonParts {
  readonly index: FieldIndex;
  readonly mapping?: JsonMapping;
  /** Finds the text format of a line that a collector packed into JSON. */
  readonly textFormat: (line: string) => Parse | undefined;
  /** Reads an object that was a syslog line before a collector took it apart; false where it was none. */
  readonly collected: (document: JsonObject, event: LogEvent, scope: Scope) => boolean;
}

/** Whether a line looks like a JSON object. */
export function looksLikeJson(line: string): boolean {
  return line.charCodeAt(0) === 123 || (line.charCodeAt(0) <= 32 && line.trimStart().charCodeAt(0) === 123);
}

/** A parser of JSON lines: ECS documents, access logs with the usual keys or a mapping of their own, and lines that Filebeat, Docker or Fluent Bit wrapped. */
export function jsonParser(parts: JsonParts): Parse {
  const reader = new JsonReader(parts);
  return (line, event, scope) => reader.readText(line, event, scope);
}

class JsonReader {
  private tree: KeyNode;
  private builtFor: number;
  private readonly readers: ReturnType<typeof recordReaders>;
  private readonly judge: ReturnType<typeof compileVerdicts> | undefined;
  /** Who says what the keys mean is not second-guessed. */
  private readonly knowsRecords: boolean;

  constructor(private readonly parts: JsonParts) {
    const { index, mapping } = parts;
    this.tree = keyTree(index, mapping);
    this.builtFor = index.size;
    this.readers = recordReaders(index);
    const verdicts = verdictsOf(mapping);
    this.judge = verdicts && compileVerdicts(verdicts, index);
    this.knowsRecords = mapping === undefined || Object.keys(mapping.fields ?? {}).length === 0;
  }

  readText(text: string, event: LogEvent, scope: Scope, outer?: Walk): Failure | undefined {
    const { index, mapping } = this.parts;
    if (index.size !== this.builtFor) {
      // Rules were loaded that know more fields.
      this.tree = keyTree(index, mapping);
      this.builtFor = index.size;
    }
    const object = readObject(text);
    return isFailure(object) ? object : this.readTree(object.tree, event, scope, outer);
  }

  /** `outer` is what a collector wrote around the object. */
  private readTree(document: JsonObject, event: LogEvent, scope: Scope, outer: Walk | undefined): Failure | undefined {
    event.record = document;
    const found = this.knowsRecords ? findRecord(document) : undefined;
    if (found) return this.readFound(found, event, scope);
    if (this.knowsRecords && this.parts.collected(document, event, scope)) {
      this.judge?.(event, document);
      return this.finished(event, undefined);
    }
    const walk = new Walk(event);
    const failure = walk.object(document, this.tree, '', 0);
    if (failure) return failure;
    if (outer) walk.borrowTime(outer);
    else if (saysNothing(event, walk)) {
      const inner = this.readInner(document, walk, event, scope);
      if (inner !== 'none') return inner;
    }
    this.judge?.(event, document);
    return this.finished(event, finishJson(event, walk, scope, this.parts.mapping));
  }

  private readFound({ shape, record }: FoundRecord, event: LogEvent, scope: Scope): Failure | undefined {
    const failure = this.readers(shape)(event, record, scope);
    if (failure) return { ...failure, message: `Read as a record of ${shape.name}: ${failure.message}` };
    this.judge?.(event, record);
    return this.finished(event, undefined);
  }

  /** What a collector wrapped, as text or as an object; its own time comes first. */
  private readInner(document: JsonObject, walk: Walk, event: LogEvent, scope: Scope): Failure | undefined | 'none' {
    const line = wrappedLine(event, walk);
    if (line === undefined) {
      const inner = wrappedObject(document);
      return inner === undefined ? 'none' : this.readTree(inner, event, scope, walk);
    }
    const isJson = looksLikeJson(line);
    const parse = isJson ? undefined : this.parts.textFormat(line);
    if (!isJson && !parse) return 'none';
    event.values[MESSAGE] = undefined;
    if (!parse) return this.readText(line, event, scope, walk);
    // A line that tells no time of its own was written when the collector says.
    const framed = scope.framed ?? wrapperTime(walk, scope);
    return this.finished(event, parse(line, event, framed === undefined ? scope : { ...scope, framed }));
  }

  private finished(event: LogEvent, failure: Failure | undefined): Failure | undefined {
    const constants = failure ? undefined : this.parts.mapping?.constants;
    if (!constants) return failure;
    for (const [name, value] of Object.entries(constants)) {
      const slot = this.parts.index.slot(name);
      const fit = slotValue(slot, value);
      if (fit !== unfit) event.values[slot] ??= fit;
    }
    return failure;
  }
}

function readObject(text: string): { tree: JsonObject } | Failure {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The message of V8 quotes the text; only where it stopped is of use.
    const at = /position (\d+)/.exec(String(error))?.[1];
    return failed(
      'json_syntax',
      `Expected a JSON object${at === undefined ? '' : `, stopped at character ${Number(at) + 1}`}, found ${quoted(text)}.`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { tree: value as JsonObject };
  return failed('json_not_object', `Expected a JSON object, found ${quoted(text)}.`);
}

function isFailure(result: { tree: JsonObject } | Failure): result is Failure {
  return 'reason' in result;
}

/** Whether a document itself tells of no request and no event: then it may be a wrapper. */
function saysNothing({ values }: LogEvent, { roles }: Walk): boolean {
  if (values[METHOD] !== undefined || values[STATUS] !== undefined || values[IP] !== undefined || values[URL_ORIGINAL] !== undefined)
    return false;
  return values[CATEGORY] === undefined && !roles.has('@request') && !roles.has('@target') && !roles.has('@source.ip');
}

/** The line that a collector wrapped. */
function wrappedLine({ values }: LogEvent, { roles }: Walk): string | undefined {
  const line =
    values[DATASET] === undefined || values[MESSAGE] !== undefined
      ? (values[MESSAGE] ?? roles.get('@line')?.value ?? roles.get('@event')?.value)
      : undefined;
  return typeof line === 'string' && line.length > 10 ? line.replace(/[\r\n]+$/, '') : undefined;
}

/** Keys under which collectors that parse JSON themselves put it: Fluent Bit, Vector, Elasticsearch's exports, Kafka Connect, Cloud Logging. */
const wrapperKeys = ['log_processed', 'json', 'jsonPayload', '_source', 'payload', 'log', 'message'];

const envelopeKeys = new Set(['time', 'host', 'source', 'sourcetype', 'index', 'event', 'fields']);

/** The object that a collector wrapped: of two or less keys (`log.level`) it is none. */
function wrappedObject(document: JsonObject): JsonObject | undefined {
  for (const key of wrapperKeys) {
    const inner = document[key];
    if (isObject(inner) && Object.keys(inner).length > 2) return inner;
  }
  // An envelope of Splunk's HTTP Event Collector holds nothing else.
  const { event } = document;
  return isObject(event) && Object.keys(document).every((key) => envelopeKeys.has(key)) ? event : undefined;
}
