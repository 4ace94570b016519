import type { FieldIndex, JsonObject } from '#ecs';
import { failed, quoted, type Failure } from '../../failure.js';
import type { LogEvent } from '../../log-event.js';
import { CATEGORY, DATASET, IP, MESSAGE, METHOD, STATUS, URL_ORIGINAL } from '../../slots.js';
import type { Parse, Scope } from '../format.js';
import { finishJson } from './json-finish.js';
import { slotValue, unfit } from './json-values.js';
import { Walk } from './json-walk.js';
import { keyTree, type KeyNode } from './key-tree.js';
import type { JsonMapping } from './mapping.js';

export interface JsonParts {
  readonly index: FieldIndex;
  readonly mapping?: JsonMapping;
  /** Finds the text format of a line that a collector packed into JSON. */
  readonly textFormat: (line: string) => Parse | undefined;
}

/** Whether a line looks like a JSON object. */
export function looksLikeJson(line: string): boolean {
  return line.charCodeAt(0) === 123 || (line.charCodeAt(0) <= 32 && line.trimStart().charCodeAt(0) === 123);
}

/** A parser of JSON lines: ECS documents, access logs with the usual keys or a mapping of their own, and lines that Filebeat, Docker or Fluent Bit wrapped. */
export function jsonParser({ index, mapping, textFormat }: JsonParts): Parse {
  let tree: KeyNode = keyTree(index, mapping);
  let builtFor = index.size;

  function parseObject(text: string, event: LogEvent, scope: Scope, wrapped: boolean): Failure | undefined {
    if (index.size !== builtFor) {
      // Rules were loaded that know more fields.
      tree = keyTree(index, mapping);
      builtFor = index.size;
    }
    const object = readObject(text);
    if (isFailure(object)) return object;
    const walk = new Walk(event);
    const failure = walk.object(object.tree, tree, '', 0);
    if (failure) return failure;
    const inner = wrapped ? undefined : wrappedLine(event, walk);
    if (inner !== undefined) {
      const parse: Parse | undefined = looksLikeJson(inner) ? (line, target, to) => parseObject(line, target, to, true) : textFormat(inner);
      if (parse) {
        event.values[MESSAGE] = undefined;
        const innerFailure = parse(inner, event, scope);
        if (!innerFailure) fillConstants(event);
        return innerFailure;
      }
    }
    const finished = finishJson(event, walk, scope, mapping);
    if (!finished) fillConstants(event);
    return finished;
  }

  function fillConstants(event: LogEvent): void {
    if (!mapping?.constants) return;
    for (const [name, value] of Object.entries(mapping.constants)) {
      const slot = index.slot(name);
      const fit = slotValue(slot, value);
      if (fit !== unfit) event.values[slot] ??= fit;
    }
  }

  return (line, event, scope) => parseObject(line, event, scope, false);
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

/** The line that a collector wrapped: only where the document itself says nothing of a request or an event. */
function wrappedLine({ values }: LogEvent, { roles }: Walk): string | undefined {
  if (values[METHOD] !== undefined || values[STATUS] !== undefined || values[IP] !== undefined || values[URL_ORIGINAL] !== undefined)
    return undefined;
  if (values[CATEGORY] !== undefined || roles.has('@request') || roles.has('@target') || roles.has('@source.ip')) return undefined;
  const line = values[DATASET] === undefined || values[MESSAGE] !== undefined ? (values[MESSAGE] ?? roles.get('@line')?.value) : undefined;
  return typeof line === 'string' && line.length > 10 ? line.replace(/[\r\n]+$/, '') : undefined;
}
