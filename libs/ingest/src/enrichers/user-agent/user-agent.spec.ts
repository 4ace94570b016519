import { describe, expect, it } from 'vitest';
import { Event, slot, type FieldName } from '#ecs';
import { userAgent } from './user-agent.js';

function event(values: Partial<Record<FieldName, string>>): Event {
  const made = new Event(0, 0, 'test', { tag: 'abcdefghijkl', position: 0 });
  for (const [name, value] of Object.entries(values)) made.values[slot[name as FieldName]] = value;
  return made;
}

describe('the user agent enricher', () => {
  it('reads user agents as uap-core does', () => {
    const agents = userAgent();
    const read = (original: string): unknown[] => {
      const found = event({ 'user_agent.original': original });
      agents.enrich(found);
      const names: FieldName[] = ['user_agent.name', 'user_agent.version', 'user_agent.os.full', 'gatewatch.source.bot'];
      return names.map((name) => found.values[slot[name]]);
    };
    expect(read('Mozilla/5.0 (Macintosh; Intel Mac OS X 10.12; rv:49.0) Gecko/20100101 Firefox/49.0')).toEqual([
      'Firefox',
      '49.0',
      'Mac OS X 10.12',
      false,
    ]);
    expect(read('curl/8.5.0')).toEqual(['curl', '8.5.0', undefined, true]);
    expect(read('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)')).toEqual(['Googlebot', '2.1', undefined, true]);
    expect(read('x'.repeat(100_000))[0]).toBe('Other');
  }, 300_000);
});
