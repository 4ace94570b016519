import { parseAnyAccess } from '../../http/loose-access.js';
import { parseByFormat, type LogFormat } from '../../http/log-format.js';
import { DATASET, MODULE } from '../../slots.js';
import type { Format, Parse } from '../format.js';
import { looksLikeApacheError, parseApacheError } from './apache-error.js';

/** Apache: common, combined and what is usually added to them, and the error log. */
export const apache: Format = {
  name: 'apache',
  parse(line, event, scope) {
    if (looksLikeApacheError(line)) return parseApacheError(line, event, scope);
    const failure = parseAnyAccess(line, event, scope);
    if (failure === undefined) {
      event.values[MODULE] = 'apache';
      event.values[DATASET] = 'apache.access';
    }
    return failure;
  },
};

/** A parser for a configured `LogFormat`; error lines of the same file are read too. */
export function apacheByFormat(format: LogFormat): Parse {
  return (line, event, scope) => {
    if (looksLikeApacheError(line)) return parseApacheError(line, event, scope);
    event.values[MODULE] = 'apache';
    event.values[DATASET] = 'apache.access';
    return parseByFormat(format, line, event, scope);
  };
}
