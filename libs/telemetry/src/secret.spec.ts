import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Secret } from './index.js';

it('gives itself away only when asked by name', () => {
  const secret = new Secret('hunter2');
  const texts = [
    String(secret),
    `${secret.toString()}`,
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ a: [secret] }),
    Object.keys(secret).join(),
  ];
  expect(texts.join()).not.toContain('hunter2');
  expect(secret.reveal()).toBe('hunter2');
});
