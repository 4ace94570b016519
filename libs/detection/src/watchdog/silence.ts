import type { SignalRule } from '#ecs';
import { formatDuration } from '#time';
import { EventCount } from '../rule-types/event-count/event-count.js';
import type { RuleSet } from '../sigma/rule.js';
import { KeyTable } from '../window/key-table.js';
import type { Surroundings, WindowRule } from '../window/surroundings.js';
import type { SilentSource, SourceWatch } from './source-watch.js';

/** Counts the minutes in which a source is silent: the detector's signal about what it cannot see. */
export class SilenceWindow {
  readonly table = new KeyTable();
  readonly window: EventCount;

  constructor(private readonly around: Surroundings) {
    this.window = new EventCount(silenceRule, around, this.table, { names: [], slots: [] });
  }

  tell({ source, silentFor, longestPause, offset }: SilentSource, blind: readonly string[]): void {
    const { watermark: time, arrival, changes } = this.around;
    if (!Number.isFinite(time)) return;
    const id = `silence/${source}/${offset}`;
    this.window.observe(0, this.table.id(source), { time, stamp: time, offset, arrival, source, id, values: [] });
    const named = blind.slice(0, 10).join(', ') + (blind.length > 10 ? ` and ${blind.length - 10} more` : '');
    const habit = longestPause > 0 ? `, longest pause of the day before ${formatDuration(longestPause)}` : '';
    const note = `no events for ${formatDuration(silentFor)}${habit}; ${blind.length ? `blind now: ${named}` : 'no rule depends on it alone'};`;
    for (const { window, episode } of changes) if (window === this.window && episode.key === source) episode.note = note;
  }
}

/** Rules that only silent sources can give events to: those whose detections need fields that nobody else has. */
export function blindRules(
  { detections, correlations, matcher }: RuleSet,
  source: string,
  watch: SourceWatch,
): { id: string; title: string }[] {
  const others = watch.speaking().filter((name) => name !== source);
  const sees = (at: number, name: string): boolean => matcher.possible?.(at, (slot) => watch.has(name, slot)) ?? true;
  const blind = new Map<string, boolean>();
  detections.forEach(({ rule }, at) => blind.set(rule.id, sees(at, source) && !others.some((name) => sees(at, name))));
  for (const { rule, inputs } of correlations)
    blind.set(
      rule.id,
      inputs.every((id) => blind.get(id) ?? false),
    );
  return [...detections, ...correlations]
    .filter(({ rule, generates }) => generates && blind.get(rule.id))
    .map(({ rule: { id, title } }) => ({ id, title }));
}

const silenceSignal: SignalRule = {
  id: 'gatewatch-detector-silence',
  version: '1',
  title: 'Source fell silent',
  description:
    'A source that spoke regularly has sent nothing for longer than it ever paused in the last day: rules that need it see nothing meanwhile.',
  level: 'medium',
  techniques: ['T1562.008'],
  tags: [],
  references: [],
  falsePositives: ['The service behind the source was shut down, or its traffic ended.'],
  runbook:
    'Look whether the service still writes its log and whether the log still reaches Gatewatch. What happened meanwhile was not watched.',
  type: 'event_count',
  asks: '',
};

const silenceRule: WindowRule = {
  rule: silenceSignal,
  type: 'event_count',
  groupBy: ['gatewatch.source.name'],
  timespan: 300_000,
  threshold: 1,
  settings: {},
  inputs: [],
  generates: true,
};
