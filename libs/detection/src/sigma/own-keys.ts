import { readTimespan } from './correlation.js';
import { isContent, kindOf, show, type Place } from './documents.js';
import { didYouMean } from './nearest.js';
import type { DetectionRule } from './rule.js';
import { readTexts } from './signal-rule.js';
import { sensitivities, sensitivityBlock } from './tuning.js';

/** `logsource` without its definition. */
export function readLogsource(value: unknown, place: Place): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isContent(value)) return place.fail(`expected a map such as {category: webserver}, got ${kindOf(value)}`) ?? {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      key === 'definition' || part === null ? [] : [[key, typeof part === 'string' ? part : show(part)]],
    ),
  );
}

const ownKeys = ['group-by', 'timespan', 'runbook', 'known_gaps', 'owasp', 'sensitivity', 'enabled', 'unless', 'when'];
const defaultTimespan = 15 * 60_000;

/** Our own keys of a rule, under `gatewatch:`. */
export function readOwn(value: unknown, place: Place): DetectionRule['episode'] & { readonly enabled?: false } {
  const standard = { groupBy: ['source.ip'], timespan: defaultTimespan };
  if (value === undefined) return standard;
  const at = place.at('gatewatch');
  if (!isContent(value)) return at.fail(`expected a map, got ${kindOf(value)}`) ?? standard;
  for (const key of Object.keys(value)) {
    if (!ownKeys.includes(key))
      at.at(key).fail(`unknown key '${key}'${didYouMean(key, ownKeys) || `, expected one of ${ownKeys.join(', ')}`}`);
  }
  const timespan = value['timespan'] === undefined ? defaultTimespan : readTimespan(value['timespan'], at.at('timespan'), at);
  const groupBy = value['group-by'] === undefined ? standard.groupBy : readTexts(value['group-by'], at.at('group-by'));
  if (value['sensitivity'] !== undefined) checkSensitivity(value['sensitivity'], at.at('sensitivity'));
  const { enabled } = value;
  if (enabled !== undefined && typeof enabled !== 'boolean') at.at('enabled').fail(`expected true or false, got ${show(enabled)}`);
  return { groupBy, timespan: timespan ?? defaultTimespan, ...(enabled === false && { enabled }) };
}

function checkSensitivity(value: unknown, place: Place): void {
  if (!isContent(value)) return place.fail(`expected a map such as {strict: {gte: 5}, quiet: {gte: 50}}, got ${kindOf(value)}`);
  const known = sensitivities.filter((name) => name !== 'balanced');
  for (const [name, block] of Object.entries(value)) {
    if (!known.some((each) => each === name)) {
      place
        .at(name)
        .fail(
          `unknown sensitivity '${name}'${didYouMean(name, known)}, expected ${known.join(' or ')}; balanced is what the rule itself says`,
        );
      continue;
    }
    const { error } = sensitivityBlock.safeParse(block);
    for (const { path, message } of error?.issues ?? []) place.at(name, ...(path as (string | number)[])).fail(message);
  }
}
