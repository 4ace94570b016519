import type { Evidence, Signal } from '#ecs';
import { formatDuration } from '#time';
import type { Episode } from './episode.js';
import type { Exhibit } from './evidence.js';
import { groupOf } from './group.js';
import type { EpisodeOwner, WindowRule } from './surroundings.js';

const perEntity = 10;

/** The episode as a signal. Its evidence lets go of the events it was made of. */
export function signalOf(episode: Episode, window: EpisodeOwner): Signal {
  const { rule, entities, around } = window;
  episode.evidence.settle(around.host, entities);
  const exhibits = episode.evidence.all();
  const group = groupOf(rule.groupBy, episode.key);
  return {
    id: episode.id,
    revision: episode.revision,
    status: episode.status,
    ...(episode.mergedInto && { mergedInto: episode.mergedInto }),
    rule: rule.rule,
    group,
    first: episode.first,
    last: episode.last,
    reached: episode.reached,
    count: episode.count,
    ...(episode.distinct !== undefined && { distinct: episode.distinct }),
    ...(episode.measures && { measures: { ...episode.measures } }),
    evidence: exhibits.map(evidenceOf),
    entities: entitiesOf(exhibits, entities.names),
    reason: reasonOf(episode, rule, group),
    arrival: episode.arrival,
  };
}

function evidenceOf({ offset, time, id, line }: Exhibit): Evidence {
  return { offset, time, ...(id && { id }), ...(line && { line }) };
}

function entitiesOf(exhibits: readonly Exhibit[], names: readonly string[]): Record<string, string[]> {
  const entities: Record<string, string[]> = {};
  names.forEach((name, i) => {
    const values = new Set<string>();
    for (const { values: own } of exhibits) if (own?.[i] && values.size < perEntity) values.add(own[i]);
    if (values.size) entities[name] = [...values];
  });
  return entities;
}

/** "23 × Login failure from 203.0.113.7 in 4m 10s (rule asks for 10 in 5m)". */
function reasonOf(episode: Episode, rule: WindowRule, group: Record<string, string>): string {
  const what = episode.note ?? counted(episode, rule);
  const whom = Object.entries(group).map(phrase).join(' ');
  const span = episode.last > episode.first ? ` in ${formatDuration(episode.last - episode.first)}` : '';
  const asks = rule.rule.asks ? ` (rule asks for ${rule.rule.asks})` : '';
  return `${what}${whom && ` ${whom}`}${span}${asks}`;
}

function counted({ count, distinct }: Episode, { inputs, field, rule, type }: WindowRule): string {
  const titles = inputs.length ? inputs.map(({ title }) => title) : [rule.title];
  if (type === 'temporal') return titles.join(' and ');
  if (type === 'temporal_ordered') return titles.join(', then ');
  const matches = titles.length > 3 ? `${count} matches of ${titles.length} detections` : `${count} × ${titles.join(' or ')}`;
  return distinct === undefined ? matches : `${distinct} different ${field ?? 'values'} in ${matches}`;
}

const prepositions: Record<string, string> = {
  'source.ip': 'from',
  'client.ip': 'from',
  'user.name': 'for user',
  'user.id': 'for user',
  'gatewatch.principal': 'by',
  'url.path': 'on',
  'gatewatch.route': 'on',
  'service.name': 'at',
  'gatewatch.source.name': 'source',
};

function phrase([name, value]: [string, string]): string {
  // A value is text from outside: it must not break the line of a terminal or a mail header.
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  const shown = value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').slice(0, 200);
  return `${prepositions[name] ?? `with ${name}`} ${shown}`;
}
