import { describe, expect, it } from 'vitest';
import { networkClass } from './network.js';

describe('the network enricher', () => {
  it.each([
    ['203.0.113.7', 'reserved'],
    ['8.8.8.8', 'public'],
    ['10.1.2.3', 'private'],
    ['100.64.0.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['fe80::1', 'link_local'],
    ['fd00::1', 'private'],
    ['2001:4860:4860::8888', 'public'],
    ['not an address', undefined],
  ])('classes %s as %s', (ip, found) => {
    expect(networkClass(ip)).toBe(found);
  });
});
