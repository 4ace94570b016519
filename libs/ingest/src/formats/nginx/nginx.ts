import { parseAnyAccess } from '../../http/loose-access.js';
import { parseByFormat, type LogFormat } from '../../http/log-format.js';
import { DATASET, MODULE } from '../../slots.js';
import type { Format, Parse } from '../format.js';
import { looksLikeNginxError, parseNginxError } from './nginx-error.js';

/** nginx: combined and what is usually added to it, and the error log. */
export const nginx: Format = {
  name: 'nginx',
  parse(line, event, scope) {
    if (looksLikeNginxError(line)) return parseNginxError(line, event, scope);
    const failure = parseAnyAccess(line, event, scope);
    if (failure === undefined) {
      event.values[MODULE] = 'nginx';
      event.values[DATASET] = 'nginx.access';
    }
    return failure;
  },
};

/** A parser for a configured `log_format`; error lines of the same file are read too. */
export function nginxByFormat(format: LogFormat): Parse {
  return (line, event, scope) => {
    if (looksLikeNginxError(line)) return parseNginxError(line, event, scope);
    event.values[MODULE] = 'nginx';
    event.values[DATASET] = 'nginx.access';
    return parseByFormat(format, line, event, scope);
  };
}
