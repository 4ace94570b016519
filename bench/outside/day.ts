import { generateTraffic, type TrafficOptions } from '#traffic';
import { formatDuration } from '#time';
import type { Table } from '../report.js';
import { compare, concerns, plantedFrom, type Found, type Planted } from '../truth.js';
import { ruleName, type Player, type Told } from './play.js';

const end = Date.UTC(2026, 10, 20);

/** A generated day: each planted attack, the rule that told it first, how long after its first line; and who was accused without reason. */
export async function dayTables(player: Player, lines: number): Promise<Table[]> {
  const days: (readonly [string, Day])[] = [];
  for (const format of ['ecs', 'combined'] as const)
    for (const disorder of [0, 119_000]) {
      const name = `${format}, ${disorder ? `disorder ${formatDuration(disorder)}` : 'in order'}`;
      days.push([name, await playDay(player, { seed: 1, lines, end, format, disorder })]);
    }
  return [...days.map(([name, day]) => attackTable(name, day)), alarmTable(days)];
}

interface Day {
  readonly truth: readonly Planted[];
  readonly told: readonly Told[];
  readonly events: number;
}

async function playDay(player: Player, options: TrafficOptions): Promise<Day> {
  const traffic = generateTraffic(options);
  const playing = player.open();
  for await (const block of traffic.blocks()) playing.read(block);
  return { truth: traffic.planted.map(plantedFrom), told: playing.finish(), events: playing.events };
}

function foundOf({ signal }: Told): Found {
  const { group, entities, first, last } = signal;
  return { rule: ruleName(signal), address: group['source.ip'], addresses: entities['source.ip'] ?? [], group, first, last };
}

function attackTable(name: string, { truth, told }: Day): Table {
  const found = told.map((each) => ({ each, as: foundOf(each) }));
  const kinds = [...new Set(truth.map(({ kind }) => kind))].filter((kind) => kind !== 'near_miss').sort();
  const rows = kinds.map((kind) => {
    const own = truth.filter((planted) => planted.kind === kind);
    const delays: number[] = [];
    const first = new Map<string, number>();
    let whole = 0;
    for (const planted of own) {
      const about = found.filter(({ as }) => concerns(planted, as)).sort((one, other) => one.each.at - other.each.at);
      if (planted.rules.every((rule) => about.some(({ as }) => as.rule === rule))) whole++;
      const [earliest] = about;
      if (!earliest) continue;
      delays.push(Math.max(0, earliest.each.at - planted.first));
      first.set(earliest.as.rule, (first.get(earliest.as.rule) ?? 0) + 1);
    }
    delays.sort((one, other) => one - other);
    const by = [...first].sort(([, one], [, other]) => other - one).map(([rule, count]) => (own.length > 1 ? `${rule} ${count}` : rule));
    const span = (at: number): string => (delays.length ? formatDuration(Math.round(delays[at]! / 1000) * 1000) : '–');
    return [
      kind,
      `${delays.length} / ${own.length}`,
      `${whole} / ${own.length}`,
      span(delays.length >> 1),
      span(delays.length - 1),
      by.join(', '),
    ];
  });
  return { head: [`day (${name}): planted`, 'found', 'by all its rules', 'after, median', 'longest', 'told first by'], rows };
}

function alarmTable(days: readonly (readonly [string, Day])[]): Table {
  return {
    head: ['day: false alarms', 'events', 'signals', 'clean accused', 'near misses accused', 'of near misses'],
    rows: days.map(([name, { truth, told, events }]) => {
      const { accusedClean, accusedNearMisses, nearMisses } = compare(truth, told.map(foundOf));
      return [name, events, told.length, accusedClean.length, accusedNearMisses.length, nearMisses].map(String);
    }),
  };
}
