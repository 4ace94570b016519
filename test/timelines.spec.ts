import { describe, expect, it } from 'vitest';
import { Player, ruleName } from '../bench/outside/play.js';
import { linesOf, stories } from './timelines.js';

const player = new Player();

describe('the shipped rules, all at once, over stories of hours and days', () => {
  it.each(stories)('$name', (story) => {
    const playing = player.open();
    for (const line of linesOf(story)) playing.read(Buffer.from(line));
    const told = new Set(
      playing
        .finish()
        .filter(({ signal }) => signal.rule.level !== 'low')
        .map(({ signal }) => ruleName(signal)),
    );
    expect(playing.events).toBe(story.happenings.length);
    if (story.rules.length === 0) expect([...told]).toEqual([]);
    else expect([...told]).toEqual(expect.arrayContaining([...story.rules]));
  });
});
