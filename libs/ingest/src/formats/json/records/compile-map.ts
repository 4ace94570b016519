import { slot, type FieldIndex, type FieldValue, type JsonObject, type JsonValue } from '#ecs';
import { failed, quoted, type Failure } from '../../../failure.js';
import { finishAccess } from '../../../http/access-event.js';
import type { LogEvent } from '../../../log-event.js';
import { ACTION, DATASET, MODULE, OUTCOME } from '../../../slots.js';
import { ownId } from '../../../source.js';
import { clfTime } from '../../../stamps/clf-time.js';
import { textOrEpoch } from '../../../stamps/iso-time.js';
import { parseZone, type Zone } from '../../../stamps/zone.js';
import type { Scope } from '../../format.js';
import { compileCondition, type Judge } from './condition.js';
import { fillDeed, knownDeed, type KnownDeed } from './deeds.js';
import { fillerOf, type Fill } from './fillers.js';
import type { Places, RecordMap, Verdicts } from './record-map.js';
import { compileWords } from './words.js';
import { fillRuleFields, ruleFields } from './rule-fields.js';
import { firstValue, valuePath, wordOf, type ValuePath } from './value-path.js';

const CODE = slot['event.code'];

/** Fills an event from a record, or says why that is not possible. */
export type ReadRecord = (event: LogEvent, record: JsonObject, scope: Scope) => Failure | undefined;

/** Makes a reader out of a map; `index` tells which further fields rules want. */
export function compileMap(map: RecordMap, index: FieldIndex): ReadRecord {
  const time = placesOf(map.time);
  const ownZone = map.timeZone === undefined ? undefined : parseZone(map.timeZone);
  const id = map.id === undefined ? undefined : placesOf(map.id);
  const fields = Object.entries(map.fields).map(([target, places]) => ({ places: placesOf(places), fill: fillerOf(target, index) }));
  const constants = Object.entries(map.constants ?? {});
  const fillConstant = constants.map(([name, value]) => ({ value: value as JsonValue, fill: fillerOf(name, index), at: index.find(name) }));
  const judge = compileVerdicts(map, index);
  const wanted = ruleFields(index, Object.keys(map.fields));
  const none = map.none === undefined ? undefined : new Set(map.none.map((word) => word.toLowerCase()));
  const words = Object.entries(map.words ?? {}).map(([name, each]) => ({ wordAt: compileWords(each), fill: fillerOf(name, index) }));
  return (event, record, scope) => {
    const failure = readTime(event, record, time, ownZone ?? scope.zone);
    if (failure) return failure;
    const { values } = event;
    values[MODULE] = map.module;
    values[DATASET] = map.dataset;
    for (const { places, fill } of fields) {
      const value = firstValue(record, places, none);
      if (value !== undefined) fill(event, value);
    }
    for (const { wordAt, fill } of words) {
      const word = wordAt(record);
      if (word !== undefined) fill(event, word);
    }
    if (wanted) fillRuleFields(event, record, wanted);
    const sent = id === undefined ? undefined : wordOf(firstValue(record, id));
    if (sent !== undefined) event.own = ownId(event.source, sent);
    judge(event, record);
    map.finish?.(event, record);
    for (const { value, fill, at } of fillConstant) if (at === undefined || values[at] === undefined) fill(event, value);
    if (map.access) finishAccess(event);
    values[OUTCOME] ??= 'unknown';
    return undefined;
  };
}

/** Reads outcome, action and conditions of a record into an event. */
export function compileVerdicts({ outcome, actions, when }: Verdicts, index: FieldIndex): (event: LogEvent, record: JsonValue) => void {
  const outcomeOf = outcome && compileOutcome(outcome);
  const deedOf = actions && {
    from: placesOf(actions.from),
    of: actionTable(actions.of),
    otherwise: actions.otherwise === undefined ? undefined : knownDeed(actions.otherwise),
  };
  // Backwards, so that the first of several that hold has the last word.
  const consequences = (when ?? []).map((each) => compileConsequence(each, index)).reverse();
  return (event, record) => {
    const { values } = event;
    if (outcomeOf) values[OUTCOME] = outcomeOf(record) ?? values[OUTCOME];
    let deed: KnownDeed | undefined;
    if (deedOf) {
      const word = wordOf(firstValue(record, deedOf.from));
      if (word !== undefined) {
        values[CODE] ??= word;
        values[ACTION] ??= word;
        deed = deedOf.of(word) ?? deedOf.otherwise;
      }
    }
    for (const { holds, sets, deed: told } of consequences) {
      if (!holds(record)) continue;
      for (const { fill, value } of sets) fill(event, value);
      if (told) deed = told;
    }
    if (deed) fillDeed(event, deed);
  };
}

function compileOutcome({ from, success, failure }: NonNullable<Verdicts['outcome']>): (record: JsonValue) => FieldValue {
  const places = placesOf(from);
  const succeeds = success && compileCondition({ value: success });
  const fails = failure && compileCondition({ value: failure });
  return (record) => {
    const value = firstValue(record, places);
    if (value === undefined) return undefined;
    const box = { value };
    if (succeeds?.(box)) return 'success';
    if (fails?.(box)) return 'failure';
    // A table that names one side only means that everything else is the other.
    return succeeds && !fails ? 'failure' : fails && !succeeds ? 'success' : undefined;
  };
}

interface CompiledConsequence {
  readonly holds: Judge;
  readonly deed: KnownDeed | undefined;
  readonly sets: readonly { readonly fill: Fill; readonly value: JsonValue }[];
}

function compileConsequence({ if: condition, action, set }: NonNullable<Verdicts['when']>[number], index: FieldIndex): CompiledConsequence {
  return {
    holds: compileCondition(condition),
    deed: action === undefined ? undefined : knownDeed(action),
    sets: Object.entries(set ?? {}).map(([name, value]) => ({ fill: fillerOf(name, index), value: value as JsonValue })),
  };
}

/** Looks a name up; those that end in `*` after the exact ones, the longest first. */
function actionTable(of: Readonly<Record<string, string>>): (word: string) => KnownDeed | undefined {
  const exact = new Map<string, KnownDeed>();
  const begins: (readonly [string, KnownDeed])[] = [];
  for (const [name, text] of Object.entries(of)) {
    const deed = knownDeed(text);
    if (!deed) continue;
    if (name.endsWith('*')) begins.push([name.slice(0, -1).toLowerCase(), deed]);
    else exact.set(name.toLowerCase(), deed);
  }
  begins.sort(([a], [b]) => b.length - a.length);
  return (word) => {
    const lower = word.toLowerCase();
    return exact.get(lower) ?? begins.find(([begin]) => lower.startsWith(begin))?.[1];
  };
}

function readTime(event: LogEvent, record: JsonObject, places: readonly ValuePath[], zone: Zone | undefined): Failure | undefined {
  const found = firstValue(record, places);
  if (found === undefined)
    return failed('timestamp', `Expected a time in ${places.map(({ text }) => quoted(text)).join(' or ')}, found none.`);
  const stamp = textOrEpoch(typeof found === 'string' ? trimmed(found) : found, zone, clfTime);
  if (typeof stamp !== 'number') return stamp;
  event.stamp = stamp;
  return undefined;
}

/** Some write more than nine digits after the second; C's ctime writes `Wed Sep  9 08:12:11 2020`, Azure and others `8/22/2022 6:11:52 PM`. */
function trimmed(text: string): string {
  const ctime = text.length < 40 ? /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})$/.exec(text) : null;
  if (ctime) return `${ctime[2]!.padStart(2, '0')}/${ctime[1]!}/${ctime[4]!}:${ctime[3]!}`;
  const american = text.length < 40 ? /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?: ([AP])M)?$/i.exec(text) : null;
  if (american) return americanTime(american);
  return text.length < 64 ? text.replace(/(\.\d{9})\d+/, '$1').replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d)(Z|[+-])/, '$1:00$2') : text;
}

function americanTime([, month, day, year, hour, minute, second, half]: readonly string[]): string {
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
  return `${year!}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')} ${String(hours).padStart(2, '0')}:${minute!}:${second!}`;
}

function placesOf(places: Places): ValuePath[] {
  return (typeof places === 'string' ? [places] : places).map(valuePath);
}
