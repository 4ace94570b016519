import type { Observation } from '../../detection.js';
import { absorb, earliestOpened, Episode } from '../../window/episode.js';
import { ObjectWindow } from '../../window/object-window.js';
import { choicesAround, type Choices } from './choice.js';
import { TemporalKey, type Occurrence } from './occurrence.js';

/** `temporal` and `temporal_ordered`: something of every input within W, in any order or in the order written. */
export class Temporal extends ObjectWindow<TemporalKey> {
  #lag = 0;

  /**
   * An input rule's episodes can still change this far behind the watermark, and a choice can reach a timespan further: so long are occurrences kept and
   * episodes open.
   */
  remember(lag: number): void {
    this.#lag = Math.max(this.#lag, lag);
  }

  protected override get memory(): number {
    return this.rule.timespan + this.#lag;
  }

  protected override get quiet(): number {
    return this.memory;
  }

  override get lag(): number {
    return this.memory;
  }

  observe(input: number, key: number, observation: Observation): void {
    const { time, offset } = observation;
    const { slot, state } = this.stateOf(key, time);
    const occurrence: Occurrence = { input, from: time, to: time, offset, episode: '', weight: 1, takenBy: [] };
    state.prune(this.around.watermark - this.memory);
    state.add(occurrence);
    this.#look({ slot, state, occurrence }, observation);
  }

  override follow(input: number, key: number, episode: Episode, observation: Observation): void {
    if (episode.status === 'merged' && !this.knownState(key)) return;
    const { slot, state } = this.stateOf(key, episode.reached);
    state.prune(this.around.watermark - this.memory);
    const at = state.occurrences.findIndex((own) => own.input === input && own.episode === episode.id);
    const known = state.occurrences[at];
    if (known) state.occurrences.splice(at, 1);
    if (episode.status === 'merged') {
      if (known) this.#uncount(state, known);
      return;
    }
    const { reached: from, last: to, openedBy: offset, id } = episode;
    const occurrence: Occurrence = {
      input,
      from,
      to: Math.max(from, to),
      offset,
      episode: id,
      weight: 1,
      takenBy: known?.takenBy ?? [],
    };
    state.add(occurrence);
    this.#look({ slot, state, occurrence }, observation);
  }

  #look({ slot, state, occurrence }: { slot: number; state: TemporalKey; occurrence: Occurrence }, observation: Observation): void {
    const asked = {
      inputs: this.rule.inputs.length,
      timespan: this.rule.timespan,
      ordered: this.rule.type === 'temporal_ordered',
      least: this.rule.settings['least'] as number | undefined,
    };
    const found = choicesAround(occurrence, state.occurrences, asked).sort((one, other) => one.first - other.first);
    let at = 0;
    while (at < found.length) {
      let { last } = found[at]!;
      let end = at + 1;
      while (end < found.length && found[end]!.first <= last) last = Math.max(last, found[end++]!.last);
      this.#take({ slot, state, chain: found.slice(at, end) }, observation);
      at = end;
    }
    state.thin();
  }

  #take({ slot, state, chain }: { slot: number; state: TemporalKey; chain: readonly Choices[] }, observation: Observation): void {
    const first = Math.min(...chain.map((choices) => choices.first));
    const last = Math.max(...chain.map((choices) => choices.last));
    const reached = Math.min(...chain.map((choices) => choices.reached));
    const touched = state.episodes.filter((episode) => episode.first <= last && episode.last >= first);
    const ids = new Set(touched.map(({ id }) => id));
    const fresh = new Set(chain.flatMap(({ taking }) => taking.filter(({ takenBy }) => !takenBy.some((id) => ids.has(id)))));
    const known = touched.length ? earliestOpened(touched) : undefined;
    if (known && touched.length === 1 && fresh.size === 0 && known.first <= first && known.last >= last && known.reached <= reached) return;
    const episode = known ?? Object.assign(this.begin(new Episode(), slot, observation), { first, last, reached });
    const merged = touched.filter((other) => other !== episode);
    for (const other of merged) absorb(episode, other);
    if (merged.length) this.#rename(state, ids, episode);
    episode.first = Math.min(episode.first, first);
    episode.last = Math.max(episode.last, last);
    episode.reached = Math.min(episode.reached, reached);
    for (const occurrence of fresh) this.#count(episode, occurrence, observation);
    state.episodes = [...state.episodes.filter((other) => !touched.includes(other)), episode].sort((one, other) => one.first - other.first);
    for (const other of merged) {
      this.list(other);
      this.tell(other, observation);
    }
    this.touch(episode);
    this.armClosing(slot);
    this.tell(episode, observation);
  }

  #count(episode: Episode, occurrence: Occurrence, observation: Observation): void {
    occurrence.takenBy.push(episode.id);
    episode.count += occurrence.weight;
    const own = occurrence.offset === observation.offset ? observation : undefined;
    episode.evidence.add(this.exhibit(occurrence.from, occurrence.offset, own));
  }

  /** Episodes became one: what took part in several of them was counted several times. */
  #rename(state: TemporalKey, ids: ReadonlySet<string>, survivor: Episode): void {
    for (const occurrence of state.occurrences) {
      const others = occurrence.takenBy.filter((id) => !ids.has(id));
      const times = occurrence.takenBy.length - others.length;
      if (times === 0) continue;
      survivor.count -= (times - 1) * occurrence.weight;
      occurrence.takenBy = [...others, survivor.id];
    }
  }

  /** An input's episode became part of another: what it counted is taken back. */
  #uncount(state: TemporalKey, { takenBy, weight }: Occurrence): void {
    for (const episode of state.episodes) if (takenBy.includes(episode.id)) episode.count -= weight;
  }

  protected make(): TemporalKey {
    return new TemporalKey();
  }
}
