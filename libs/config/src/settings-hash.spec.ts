import { expect, it } from 'vitest';
import { Secret } from '#telemetry';
import { settingsHash } from './settings-hash.js';

it('is the same for the same settings, whatever the secret, and another for others', () => {
  const hash = settingsHash({ grace: 120_000, key: new Secret('one') });
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(settingsHash({ grace: 120_000, key: new Secret('two') })).toBe(hash);
  expect(settingsHash({ grace: 60_000, key: new Secret('one') })).not.toBe(hash);
});
