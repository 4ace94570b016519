import { z } from 'zod';
import { levels } from '#ecs';
import type { Observation } from '../../detection.js';
import { SortedWindow, type Waiting } from '../../window/sorted-window.js';
import { RiskKey, type Finding } from './risk-key.js';

const points = z.number().nonnegative();

export const riskSettings = z.strictObject({
  tactics: z.int().min(2).optional().describe('So many different ATT&CK tactics among the findings suffice, whatever the points.'),
  cap: z.int().min(1).max(100).default(2).describe('Findings of one rule that bring points; the rest of them do not.'),
  points: z
    .strictObject({
      informational: points.default(0),
      low: points.default(5),
      medium: points.default(15),
      high: points.default(40),
      critical: points.default(80),
    })
    .prefault({})
    .describe('Points of one finding by the level of its rule.'),
});

/** `risk`: points of what other rules found about one entity. See README.md. */
export class Risk extends SortedWindow<RiskKey> {
  readonly #settings = riskSettings.parse(this.rule.settings);
  readonly #points = this.rule.inputs.map(({ level }) => this.#settings.points[level]);
  readonly #tactics = this.rule.inputs.map(({ tags }) =>
    tags.flatMap((tag) => /^attack\.(?!t\d{4}|[gs]\d{4})([a-z-]+)$/.exec(tag.replaceAll('_', '-'))?.[1] ?? []),
  );

  observe(input: number, key: number, observation: Observation): void {
    this.enqueue(key, observation, input);
  }

  protected take(parts: { slot: number; state: RiskKey; event: Waiting }): void {
    const { slot, state, event } = parts;
    const { time, offset, value: input } = event;
    state.pruneOwn(time - this.rule.timespan);
    state.add({ time, offset, input });
    const { findings } = state;
    const sum = findings.reduce((total, finding) => total + this.#points[finding.input]!, 0);
    const tactics = new Set(findings.flatMap((finding) => this.#tactics[finding.input]!));
    const { tactics: asked = Infinity } = this.#settings;
    if (sum < this.rule.threshold && tactics.size < asked) return;
    const { episode, fresh } = this.episodeFrom(findings[0]!.time, parts);
    episode.count += fresh ? findings.length : 1;
    for (const finding of fresh ? findings : [event]) this.#show(finding, episode);
    const { points: most = 0, tactics: many = 0 } = episode.measures ?? {};
    episode.measures = { points: Math.max(sum, most), tactics: Math.max(tactics.size, many) };
    episode.note = this.#note(findings, episode.measures['points']!);
    this.grew(episode, slot, event);
  }

  #show({ time, offset }: Omit<Finding, 'input'>, { evidence }: RiskKey['episodes'][number]): void {
    if (evidence.wants(time)) evidence.add(this.exhibit(time, offset));
  }

  #note(findings: readonly Finding[], sum: number): string {
    const inputs = [...new Set(findings.map(({ input }) => input))].sort(
      (one, other) => levels.indexOf(this.rule.inputs[other]!.level) - levels.indexOf(this.rule.inputs[one]!.level) || one - other,
    );
    const shown = inputs.slice(0, 4).map((input) => this.rule.inputs[input]!.title);
    const more = inputs.length > 4 ? ` and ${inputs.length - 4} more` : '';
    return `${sum} points: ${shown.join(', ')}${more}`;
  }

  protected make(): RiskKey {
    return new RiskKey(this.#settings.cap);
  }
}
