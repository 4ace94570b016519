import { agentWithPlus, columnSetters, type ColumnSetter } from './columns.js';

/** The columns of a source, known by name. */
export interface W3cFields {
  readonly setters: readonly (ColumnSetter | undefined)[];
  readonly date: number;
  readonly time: number;
  readonly target: number;
}

export type W3cResult = { readonly ok: true; readonly fields: W3cFields } | { readonly ok: false; readonly problem: string };

/** Reads a `#Fields:` line, with or without those words. Columns that are not known are read past. */
export function compileW3cFields(text: string): W3cResult {
  const names = text
    .replace(/^\s*#?\s*fields\s*:/i, '')
    .trim()
    .toLowerCase()
    .split(/\s+/);
  const [date, time] = [names.indexOf('date'), names.indexOf('time')];
  if (date < 0 || time < 0) return { ok: false, problem: 'it has no time: add the columns date and time' };
  const setters = names.map((name) =>
    name === 'cs(user-agent)' ? agentWithPlus : Object.hasOwn(columnSetters, name) ? columnSetters[name] : undefined,
  );
  return { ok: true, fields: { setters, date, time, target: names.indexOf('cs-uri-stem') } };
}
