import { printable } from '#telemetry';
import type { JsonObject } from '#ecs';
import type { Explanation, GroupView } from './explain-entity.js';
import type { NearMatch } from './near-matches.js';

/** An explanation for a person. */
export function renderExplanation(told: Explanation): string {
  const { rule, entity, fired, signals, groups } = told;
  const out = [
    `${shown(rule.title, 120)} ${fired ? 'fired' : 'did not fire'} for ${shown(entity, 120)}`,
    `  ${shown(rule.name, 80)}, ${rule.type}, asks for ${rule.asks}; version ${rule.version}`,
    ...[rule.words.summary, ...rule.words.notes].map((line) => `  ${printable(line)}`),
    '',
    ...signals.flatMap(renderSignal),
    `${plural(told.seen, 'event')} of it: ${told.matched ? `${told.matched} matched` : 'none matched its detections'}`,
  ];
  if (told.late) out.push(`  ${told.late} came too late: after the watermark had passed their time, so windows did not count them`);
  if (told.excluded) out.push(`  ${told.excluded} were taken out by a filter, an exception or a "not" of the rule alone`);
  for (const [name, amount] of Object.entries(told.excepted)) out.push(`  ${amount} do not count: exception ${shown(name, 80)}`);
  if (told.shut)
    out.push(
      `  ${told.shut} do not count by the state of their key: the rule says '${shown(/(?:unless|when) \S+$/.exec(rule.asks)?.[0] ?? '', 100)}'`,
    );
  if (told.ungrouped) out.push(`  ${told.ungrouped} have no value of the group-by and count for nobody`);
  if (told.truncated) out.push('  more matched than can be kept: windows are told of the first ones');
  for (const group of groups) out.push(...renderGroup(group));
  if (told.near_matches.length && !fired) out.push('', 'What kept the others from matching', ...told.near_matches.flatMap(renderNear));
  return `${out.join('\n')}\n`;
}

function renderSignal(document: JsonObject): string[] {
  const { message, event, gatewatch } = document as unknown as {
    message: string;
    event: { id: string; start: string };
    gatewatch: { signal: { count: number } };
  };
  return [`Signal ${event.id}: ${shown(message, 300)}`, `  from ${event.start}, ${plural(gatewatch.signal.count, 'event')} counted`, ''];
}

function renderGroup({ group, matched, nearest, nearest_words: words, events }: GroupView): string[] {
  const who = Object.entries(group)
    .map(([name, value]) => `${name} ${shown(value, 80)}`)
    .join(', ');
  const out = ['', `Group ${who || 'of all'}: ${plural(matched, 'event')} counted`];
  if (nearest) {
    const { reached, needed, missing, of, from, to } = nearest;
    const verdict = missing === 0 ? 'enough' : `${missing} too few`;
    out.push(`  fullest window: ${reached} of ${needed} ${of}, ${from} to ${to}: ${verdict}`);
  }
  if (words !== undefined) out.push(`  ${shown(words, 400)}`);
  for (const { time, detection, value, line } of events)
    out.push(`  ${time}  ${shown(detection, 60)}${value ? `  ${shown(value, 80)}` : ''}${line ? `  │ ${shown(line, 140)}` : ''}`);
  if (events.length < matched) out.push(`  … and ${matched - events.length} more`);
  return out;
}

function renderNear({ detection, events, failed, example }: NearMatch): string[] {
  const tests = failed.map(({ field, expected, excluded, found }) =>
    excluded
      ? `${field} ${expected}, which is excluded`
      : `${field}: the rule asks that it ${expected}; it is ${found === '' ? 'missing' : `'${found}'`}`,
  );
  return [
    `  ${plural(events, 'event')}, ${shown(detection, 80)}: ${shown(tests.join('; '), 400)}`,
    `    first ${example.time}${example.line ? `  │ ${shown(example.line, 140)}` : ''}`,
  ];
}

function plural(amount: number, what: string): string {
  return `${amount.toLocaleString('en-US')} ${what}${amount === 1 ? '' : 's'}`;
}

function shown(text: string, limit: number): string {
  return printable(text.length > limit ? `${text.slice(0, limit - 1)}…` : text);
}
