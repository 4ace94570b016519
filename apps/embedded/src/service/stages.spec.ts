import { describe, expect, it } from 'vitest';
import { runStages, type Loop } from './stages.js';

function loop(name: string, log: string[]): Loop {
  return (stop) =>
    new Promise((resolve) => {
      const end = (): void => {
        log.push(name);
        resolve();
      };
      stop.addEventListener('abort', end, { once: true });
      if (stop.aborted) end();
    });
}

describe('the stages of the service', () => {
  it('end in order: doors, then each stage when the one before is done', async () => {
    const log: string[] = [];
    const stop = new AbortController();
    const running = runStages([[loop('files', log)], [loop('fold', log)], [loop('store', log), loop('alerting', log)]], stop.signal, () => {
      log.push('doors');
      return Promise.resolve();
    });
    stop.abort();
    await running;
    expect(log).toEqual(['doors', 'files', 'fold', 'store', 'alerting']);
  });

  it('end together when one fails, and tell why', async () => {
    const log: string[] = [];
    const broken: Loop = () => Promise.reject(new Error('the store is damaged'));
    const running = runStages([[loop('files', log)], [broken]], new AbortController().signal, () => Promise.resolve());
    await expect(running).rejects.toThrow('the store is damaged');
    expect(log).toEqual(['files']);
  });
});
