import { LEVEL } from '../../slots.js';
import { isoTime } from '../../stamps/iso-time.js';
import type { Parse } from '../format.js';
import { loggerPrefix } from './logger-prefix.js';

/** A cheap look: lines that begin with a bracket, a date or a level may have a logger's prefix; an access line begins with an address. */
export function mayBePrefixed(line: string): boolean {
  const first = line.charCodeAt(0);
  if (first === 91) return line.charCodeAt(5) === 45 || line.startsWith('[Nest]');
  if (first >= 48 && first <= 57) return line.charCodeAt(4) === 45 && line.charCodeAt(7) === 45;
  if (first < 68 || first > 87) return false;
  return line.charCodeAt(1) === 44 || /^(?:DEBUG|INFO|WARNING|ERROR):[A-Za-z_]/.test(line);
}

/** The parser of a line behind a logger's prefix, if what follows is of a known format; the prefix's time stands in for one that is missing. */
export function prefixedBy(line: string, formatOf: (rest: string) => Parse | undefined): Parse | undefined {
  const prefix = loggerPrefix(line);
  if (!prefix) return undefined;
  const rest = line.slice(prefix.length);
  const parse = formatOf(rest);
  return (
    parse &&
    ((_, event, scope) => {
      const time = prefix.time === undefined ? undefined : isoTime(prefix.time, scope.zone);
      if (time !== undefined && typeof time !== 'number' && scope.framed === undefined) return time;
      const failure = parse(rest, event, typeof time === 'number' ? { ...scope, framed: time } : scope);
      if (failure === undefined) event.values[LEVEL] ??= prefix.level.toLowerCase();
      return failure;
    })
  );
}
