import { ruleInWords, type Exemption, type RuleSet, type RuleWords } from '#detection';
import { signalDocument, type Event, type FieldIndex, type JsonObject, type Signal } from '#ecs';
import type { EventInput } from '../backtest/event-input.js';
import type { Scene } from '../scan/scan.js';
import { asText, type Entity } from './entity.js';
import { NearMatches, type NearMatch } from './near-matches.js';
import { nearestInWords } from './nearest-own.js';
import { nearestWindow, type Counted, type NearestWindow } from './nearest-window.js';
import type { WatchedRule } from './watched-rule.js';

/** What a rule saw of one group of its group-by. */
export interface GroupView {
  readonly group: Readonly<Record<string, string>>;
  readonly matched: number;
  readonly nearest?: { readonly [Name in keyof NearestWindow]: Name extends 'from' | 'to' ? string : NearestWindow[Name] };
  /** For rules whose windows are not counts: how close the group came. */
  readonly nearest_words?: string;
  readonly events: readonly {
    readonly time: string;
    readonly offset: number;
    readonly detection: string;
    readonly value?: string;
    readonly line?: string;
  }[];
}

/** Why a rule fired for an entity, or why not. */
export interface Explanation {
  readonly rule: {
    readonly id: string;
    readonly name: string;
    readonly title: string;
    readonly version: string;
    readonly type: string;
    readonly asks: string;
    /** The condition in plain words. */
    readonly words: RuleWords;
  };
  readonly entity: string;
  readonly fired: boolean;
  readonly signals: readonly JsonObject[];
  /** Events of the entity: seen at all, matched, matched but late, kept from matching by filters and exceptions only. */
  readonly seen: number;
  readonly matched: number;
  readonly late: number;
  readonly excluded: number;
  /** Matched events that do not count because of the state of their key: `unless` and `when` of the rule. */
  readonly shut: number;
  /** Matches that an exception of the operator keeps from counting, by its name. */
  readonly excepted: Readonly<Record<string, number>>;
  /** Matched events without a value of the group-by: they count for nobody. */
  readonly ungrouped: number;
  readonly groups: readonly GroupView[];
  readonly near_matches: readonly NearMatch[];
  /** More matched than could be kept: windows are told of the first ones. */
  readonly truncated: boolean;
}

const mostCounted = 500_000;
const mostGroups = 10_000;
const shownGroups = 10;
const shownEvents = 20;
const shownKinds = 10;

interface Group {
  readonly values: readonly string[];
  readonly events: Counted[];
  readonly lines: Map<number, string>;
}

export interface Question {
  readonly watched: WatchedRule;
  readonly entity: Entity;
  readonly rules: RuleSet;
  readonly index: FieldIndex;
}

/** Runs the whole rule set over the events and notes beside it what one rule made of one entity. */
export async function explainEntity(input: EventInput, question: Question): Promise<Explanation> {
  const view = new EntityView(question);
  const { rules, index, entity } = question;
  await input.run({
    rules,
    index,
    lines: true,
    ...(entity.named && { slots: [entity.named.slot] }),
    onSignal: (signal) => view.signal(signal),
    onEvent: (event, scene) => view.event(event, scene),
  });
  return view.explanation();
}

class EntityView {
  readonly #question: Question;
  readonly #found: Int32Array;
  readonly #groups = new Map<string, Group>();
  readonly #near: NearMatches;
  readonly #signals: Signal[] = [];
  readonly #inputOf: ReadonlyMap<number, number>;
  #seen = 0;
  #matched = 0;
  #late = 0;
  #shut = 0;
  readonly #excepted = new Map<string, number>();
  #ungrouped = 0;
  #kept = 0;
  #truncated = false;

  constructor(question: Question) {
    this.#question = question;
    this.#found = new Int32Array(question.rules.detections.length);
    this.#near = new NearMatches(() => question.index.names());
    this.#inputOf = new Map(question.watched.inputs.map(({ detection }, at) => [detection, at]));
  }

  signal(signal: Signal): void {
    const { watched, entity } = this.#question;
    if (signal.rule.id !== watched.rule.rule.id) return;
    const values = Object.values(signal.group);
    if (entity.isGroup(values) || (entity.named && this.#groups.has(JSON.stringify(values)))) this.#signals.push(signal);
  }

  event(event: Event, scene: Scene): void {
    const { watched, entity, rules } = this.#question;
    const { named } = entity;
    if (named && asText(scene.resolve(event, named.slot)) !== named.value) return;
    const groups = watched.inputs.map(({ slots }) => slots.map((slot) => asText(scene.resolve(event, slot))));
    if (!named && !groups.some((values) => entity.isGroup(values))) return;
    this.#seen++;
    const count = rules.matcher.match(event.values, this.#found);
    let hit = false;
    const exempt = this.#exemptionOf(event, count);
    for (let i = 0; i < count; i++) {
      const at = this.#inputOf.get(this.#found[i]!);
      if (at === undefined) continue;
      hit = true;
      if (!exempt) this.#count(event, at, { values: groups[at]!, scene });
    }
    if (hit && exempt?.name !== undefined) this.#excepted.set(exempt.name, (this.#excepted.get(exempt.name) ?? 0) + 1);
    if (hit) this.#matched++;
    else this.#missed(event, scene);
  }

  /** What keeps this event from counting for the rule: among what it matched are the detections of exceptions. */
  #exemptionOf({ time }: Event, count: number): Exemption | undefined {
    const { rules, watched } = this.#question;
    const matched = this.#found.subarray(0, count);
    return rules.exemptions?.find(
      ({ detection, until, rules: ids }) => time < until && (!ids || ids.has(watched.rule.rule.id)) && matched.includes(detection),
    );
  }

  #count(event: Event, input: number, { values, scene }: { values: readonly string[]; scene: Scene }): void {
    const { watched } = this.#question;
    if (watched.rule.kind === 'correlation' && values.includes('')) {
      this.#ungrouped++;
      return;
    }
    if (event.time < scene.watermark()) {
      this.#late++;
      return;
    }
    if (scene.isShut(watched.rule.rule.id, event)) {
      this.#shut++;
      return;
    }
    const key = JSON.stringify(values);
    let group = this.#groups.get(key);
    if (!group) {
      if (this.#groups.size >= mostGroups) return void (this.#truncated = true);
      this.#groups.set(key, (group = { values, events: [], lines: new Map() }));
    }
    if (this.#kept >= mostCounted) return void (this.#truncated = true);
    this.#kept++;
    const value = watched.fields.map((slot) => asText(scene.resolve(event, slot))).join(', ');
    group.events.push({ time: event.time, offset: event.offset, input, value });
    if (group.lines.size < shownEvents) group.lines.set(event.offset, scene.line(event) ?? '');
  }

  #missed(event: Event, scene: Scene): void {
    const { watched, rules } = this.#question;
    let best: ReturnType<NonNullable<typeof rules.matcher.shortfall>> | undefined;
    let title = '';
    for (const input of watched.inputs) {
      const failed = rules.matcher.shortfall?.(input.detection, event.values) ?? [];
      if (best && failed.length >= best.length) continue;
      best = failed;
      title = input.title;
    }
    if (best) this.#near.add(title, best, { event, line: () => scene.line(event) });
  }

  explanation(): Explanation {
    const { watched, entity, rules, index } = this.#question;
    const { id, name, title, version, type, asks } = watched.rule.rule;
    const words = ruleInWords(watched.rule, rules, index.names());
    const groups = [...this.#groups.values()].map((group) => this.#groupView(group));
    groups.sort((a, b) => (a.nearest?.missing ?? 0) - (b.nearest?.missing ?? 0) || b.matched - a.matched);
    return {
      rule: { id, name: name ?? id, title, version, type, asks, words },
      entity: entity.text,
      fired: this.#signals.length > 0,
      signals: this.#signals.map(signalDocument),
      seen: this.#seen,
      matched: this.#matched,
      late: this.#late,
      excluded: this.#near.excluded,
      shut: this.#shut,
      excepted: Object.fromEntries(this.#excepted),
      ungrouped: this.#ungrouped,
      groups: groups.slice(0, shownGroups),
      near_matches: this.#near.list(shownKinds),
      truncated: this.#truncated,
    };
  }

  #groupView({ values, events, lines }: Group): GroupView {
    const { watched } = this.#question;
    events.sort((a, b) => a.time - b.time || a.offset - b.offset);
    const nearest = nearestWindow(events, watched);
    const words = nearest ? undefined : nearestInWords(events, watched);
    return {
      group: Object.fromEntries(watched.groupBy.map((name, at) => [name, values[at] ?? ''])),
      matched: events.length,
      ...(nearest && { nearest: { ...nearest, from: iso(nearest.from), to: iso(nearest.to) } }),
      ...(words !== undefined && { nearest_words: words }),
      events: events.slice(0, shownEvents).map(({ time, offset, input, value }) => {
        const line = lines.get(offset);
        return { time: iso(time), offset, detection: watched.inputs[input]!.title, ...(value && { value }), ...(line && { line }) };
      }),
    };
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
