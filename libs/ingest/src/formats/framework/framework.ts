import { failed, quoted } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { fillAgent } from '../../http/access-line.js';
import { fillHost, fillSource } from '../../http/address.js';
import { numberOf, present, statusOf } from '../../http/columns.js';
import { nanosOf } from '../../http/duration.js';
import { fillRequest, fillTarget } from '../../http/request.js';
import type { LogEvent } from '../../log-event.js';
import { BODY_BYTES, DATASET, DURATION, LEVEL, METHOD, MODULE, STATUS, USER, VERSION } from '../../slots.js';
import type { Format, Parse } from '../format.js';
import { shapes, type Groups, type Shape } from './shapes.js';

// eslint-disable-next-line no-control-regex
const colours = /\u001b\[[\d;]{0,16}m/g;
const maxLine = 20_000;

/** The parser of a line that a web framework's own server wrote, if it is one. Costs nothing for lines that begin otherwise. */
export function frameworkByLook(line: string): Parse | undefined {
  return matchShape(line) ? framework.parse : undefined;
}

/** Access lines of frameworks' own servers: uvicorn, Django, Flask, gin, morgan and others. Gunicorn's and morgan's combined are read as Apache's. */
export const framework: Format = {
  name: 'framework',
  parse(line, event, scope) {
    const found = matchShape(line);
    if (!found)
      return failed(
        'line_shape',
        `Expected an access line of uvicorn, Django, Flask, gin, morgan or another framework, found ${quoted(line)}.`,
      );
    const { shape, groups } = found;
    const bad = shape.stamp(event, groups, scope);
    if (bad) return bad;
    event.values[MODULE] = shape.dataset.slice(0, shape.dataset.indexOf('.'));
    event.values[DATASET] = shape.dataset;
    fillGroups(event, groups);
    finishAccess(event);
    return undefined;
  },
};

function matchShape(line: string): { shape: Shape; groups: Groups } | undefined {
  if (line.length > maxLine) return undefined;
  const text = line.includes('\u001b') ? line.replace(colours, '') : line;
  for (const shape of shapes) {
    const groups = shape.pattern.exec(text)?.groups;
    if (groups) return { shape, groups };
  }
  return undefined;
}

function fillGroups(event: LogEvent, groups: Groups): void {
  const { values } = event;
  if (groups['request'] !== undefined) fillRequest(event, groups['request'], 0, groups['request'].length);
  if (groups['method'] !== undefined) values[METHOD] = groups['method'];
  if (groups['target'] !== undefined) fillTarget(event, groups['target']);
  values[STATUS] = statusOf(groups['status']);
  values[BODY_BYTES] = numberOf(present(groups['bytes']));
  if (groups['source'] !== undefined) fillSource(event, groups['source']);
  if (present(groups['user'])) values[USER] = groups['user'];
  if (groups['version'] !== undefined) values[VERSION] = groups['version'];
  if (groups['host'] !== undefined) fillHost(event, groups['host']);
  if (present(groups['agent'])) fillAgent(event, groups['agent']!);
  if (groups['level'] !== undefined) values[LEVEL] = groups['level'].toLowerCase();
  if (present(groups['query']) && groups['target'] !== undefined) fillTarget(event, `${groups['target']}?${groups['query']!}`);
  const seconds = numberOf(groups['seconds']);
  if (seconds !== undefined) values[DURATION] = Math.round(seconds * 1e9);
  const took = durationOf(present(groups['took']));
  if (took !== undefined) values[DURATION] = took;
}

/** Nanoseconds; a number without unit is morgan's milliseconds. */
function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[\d.]+$/.test(text)) return Number.isFinite(Number(text)) ? Math.round(Number(text) * 1e6) : undefined;
  return nanosOf(text);
}
