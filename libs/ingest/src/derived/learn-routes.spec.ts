import { describe, expect, it } from 'vitest';
import { buildRouteLearner } from './learn-routes.js';

/** Words without digits, as slugs are. */
const word = (n: number): string => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]!.repeat(2)).join('-');

function learned(paths: Iterable<string>, least = 50): string[] {
  const learner = buildRouteLearner({ least });
  for (const path of paths) learner.add(path);
  return learner.routes().map(({ template }) => template);
}

describe('learning routes', () => {
  it('finds slugs by how many different texts stand in a place, and what is below them', () => {
    const paths = Array.from({ length: 300 }, (_, n) => [`/articles/${word(n % 200)}`, `/articles/${word(n % 200)}/comments/${n}`]).flat();
    expect(learned(paths)).toEqual(['/articles/{slug}', '/articles/{slug}/comments/{id}']);
  });

  it('leaves resources alone, which are few or called often', () => {
    const few = Array.from({ length: 5000 }, (_, n) => `/api/${word(n % 60)}/${n}`);
    expect(learned(few)).toEqual([]);
    const search = Array.from({ length: 400 }, (_, n) => (n % 4 ? `/articles/${word(n)}` : '/articles/search'));
    expect(learned(search)).toEqual(['/articles/{slug}']);
    expect(learned(Array.from({ length: 400 }, (_, n) => `/users/${n}`))).toEqual([]);
  });

  it('needs so many texts as it is told', () => {
    const paths = Array.from({ length: 40 }, (_, n) => `/shops/${word(n)}`);
    expect(learned(paths)).toEqual([]);
    expect(learned(paths, 30)).toEqual(['/shops/{slug}']);
  });

  it('tells calls, how many different, and examples', () => {
    const learner = buildRouteLearner({ least: 50 });
    for (let n = 0; n < 120; n++) learner.add(`/articles/${word(n % 60)}`);
    expect(learner.routes()).toEqual([{ template: '/articles/{slug}', calls: 120, different: 60, examples: ['aa', 'bb', 'cc'] }]);
  });

  it('keeps bounded memory of a stranger’s paths', () => {
    const learner = buildRouteLearner({ least: 50 });
    for (let n = 0; n < 20_000; n++) learner.add(`/${word(n % 700)}/x/${word(n)}/${word(n * 7)}`);
    expect(learner.routes().length).toBeLessThan(3000);
    learner.add(`/${'a/'.repeat(5000)}`);
  });
});
