import { directive, failed, quoted, type Failure } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { fillTarget } from '../../http/request.js';
import type { LogEvent } from '../../log-event.js';
import { DATASET, METHOD, MODULE, QUERY } from '../../slots.js';
import { takeStamp } from '../../stamps/framed-time.js';
import { isoTime } from '../../stamps/iso-time.js';
import { parseZone } from '../../stamps/zone.js';
import type { Format, Parse, Scope } from '../format.js';
import { compileW3cFields, type W3cFields } from './fields.js';
import { iisColumns } from './iis-columns.js';

// The extended log format is written in UTC.
const utc = parseZone('UTC');

/** Lines that describe the log and are no records. */
export function isDirective(line: string): boolean {
  return line.charCodeAt(0) === 35 && /^#\s?(?:Software|Version|Date|Fields|Remark|Start-Date|End-Date|System|GMT-Offset)\s?:/i.test(line);
}

/** Whether a line begins as a record of the extended log format with IIS's usual columns does: `2026-01-15 10:05:03 `, and then a method in time. */
export function looksLikeIis(line: string): boolean {
  return line.charCodeAt(10) === 32 && line.charCodeAt(19) === 32 && line.charCodeAt(4) === 45 && iisLook.test(line.slice(0, 400));
}
const iisLook =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:\S{1,255} ){0,3}(?:[A-Z][A-Z_-]{1,31}|-) (?:\/\S*|\*|-) \S+ \d{1,5} \S+ [\da-fA-F.:[\]-]{1,64}\S* /;

// HTTP.sys refuses what is no request before IIS sees it, and logs it in HTTPERR.
const httperr = columnsOf('date time c-ip c-port s-ip s-port cs-version cs-method cs-uri-stem sc-status s-siteid s-reason s-queuename');
const httperrLook =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [\da-fA-F.:%]{2,64} \d{1,5} [\da-fA-F.:%]{2,64} \d{1,5} (?:HTTP\/\d\S{0,4}|-) \S{1,32} \S+ (?:\d{3}|-) /;
// What ASP.NET Core's W3C logger writes with all of its fields.
const aspnet = columnsOf(
  'date time c-ip cs-username s-computername s-ip s-port cs-method cs-uri-stem cs-uri-query sc-status time-taken cs-version cs-host cs(user-agent) cs(cookie) cs(referer)',
);
const aspnetLook =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [\da-fA-F.:-]{1,64} \S{1,255} \S{1,255} [\da-fA-F.:-]{1,64} \d{1,5} [A-Z]{3,16} \S+ \S+ \d{3} [\d.]{1,12} HTTP\/\d/;

function columnsOf(names: string): W3cFields {
  const result = compileW3cFields(names);
  if (!result.ok) throw new TypeError(result.problem);
  return result.fields;
}

/** The columns of a line by its looks. */
export function columnsByLook(line: string, words: readonly string[]): { fields: W3cFields; dataset: string } | undefined {
  const fields = looksLikeIis(line) ? iisColumns(words) : undefined;
  if (fields) return { fields, dataset: 'iis.access' };
  const head = line.slice(0, 9000);
  if (httperrLook.test(head)) return { fields: httperr, dataset: 'iis.error' };
  return aspnetLook.test(head) ? { fields: aspnet, dataset: 'aspnet.access' } : undefined;
}

/** Whether a line is of one of the servers that write the extended log format in a known order. */
export function looksLikeW3c(line: string): boolean {
  if (looksLikeIis(line)) return true;
  if (line.charCodeAt(10) !== 32 || line.charCodeAt(19) !== 32 || line.charCodeAt(4) !== 45) return false;
  const head = line.slice(0, 9000);
  return httperrLook.test(head) || aspnetLook.test(head);
}

/** W3C extended log with the columns that IIS writes unless told otherwise; other sets are named in the source's settings. */
export const w3c: Format = {
  name: 'w3c',
  parse(line, event, scope) {
    if (isDirective(line)) return directive;
    const words = line.split(' ', 64);
    const found = columnsByLook(line, words);
    if (!found) {
      return failed(
        'line_shape',
        `Expected IIS's usual columns, found ${quoted(line)}; name others in the source's format: {kind: w3c, log_format: date time …}.`,
      );
    }
    event.values[MODULE] = found.dataset.slice(0, found.dataset.indexOf('.'));
    event.values[DATASET] = found.dataset;
    return fillColumns(event, { words, fields: found.fields, scope });
  },
};

/** A parser for named columns, parted by tabs where the line has any. */
export function w3cByFields(fields: W3cFields): Parse {
  return (line, event, scope) => {
    if (line.charCodeAt(0) === 35) return directive;
    const words = line.includes('\t') ? line.split('\t', 128) : line.split(' ', 128);
    if (words.length < fields.setters.length) {
      return failed(
        'line_shape',
        `Expected ${fields.setters.length} columns, as the source's format says, found ${words.length}: ${quoted(line)}.`,
      );
    }
    event.values[MODULE] = 'w3c';
    event.values[DATASET] = 'w3c.access';
    return fillColumns(event, { words, fields, scope });
  };
}

interface Row {
  readonly words: readonly string[];
  readonly fields: W3cFields;
  readonly scope: Scope;
}

/** Fills an event from its columns. */
export function fillColumns(event: LogEvent, { words, fields, scope }: Row): Failure | undefined {
  const { values } = event;
  const bad = takeStamp(event, isoTime(`${words[fields.date]} ${unquoted(words[fields.time]!)}`, utc), scope);
  if (bad) return bad;
  fields.setters.forEach((set, i) => {
    const text = words[i];
    if (set !== undefined && text !== undefined && text !== '' && text !== '-') set(event, unquoted(text));
  });
  const stem = words[fields.target];
  const query = values[QUERY];
  values[QUERY] = undefined;
  if (stem !== undefined && stem !== '' && (stem !== '-' || values[METHOD] !== undefined)) {
    if (stem !== '-') fillTarget(event, typeof query === 'string' ? `${stem}?${query}` : stem);
  }
  finishAccess(event);
  return undefined;
}

/** Other writers than IIS quote columns that hold blanks. */
function unquoted(text: string): string {
  return text.length > 1 && text.charCodeAt(0) === 34 && text.endsWith('"') ? text.slice(1, -1) : text;
}
