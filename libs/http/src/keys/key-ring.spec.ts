import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '#testkit';
import { KeyRing } from './key-ring.js';
import { WrongKeys } from './wrong-keys.js';

const here = '127.0.0.1';
const fresh = () => mkdtempSync(join(tmpdir(), 'gatewatch-keys-'));

describe('the key ring', () => {
  it('makes three keys at the first start, shows them once and keeps only their hashes, for the owner alone', () => {
    const directory = fresh();
    const clock = new FakeClock();
    const { ring, made } = KeyRing.open({ directory, clock, makeFirst: true });
    expect(made.map(({ scope }) => scope)).toEqual(['admin', 'logs:write', 'read']);
    const file = readFileSync(join(directory, 'keys.json'), 'utf8');
    for (const { text } of made) {
      expect(text.reveal()).toMatch(/^gw_[\w-]{43}$/);
      expect(file).not.toContain(text.reveal());
      expect(ring.verify(text.reveal(), here)).toMatchObject({ outcome: 'accepted' });
    }
    expect(statSync(join(directory, 'keys.json')).mode & 0o777).toBe(0o600);
    expect(KeyRing.open({ directory, clock, makeFirst: true }).made).toEqual([]);
  });

  it('refuses a revoked key and keeps it in the list', () => {
    const { ring } = KeyRing.open({ directory: fresh(), clock: new FakeClock() });
    const { text, id } = ring.add('shipper', 'logs:write');
    expect(ring.revoke('shipper')).toMatchObject({ id, revoked: expect.any(String) as string });
    expect(ring.verify(text.reveal(), here)).toEqual({ outcome: 'unknown' });
    expect(ring.list()).toHaveLength(1);
    expect(ring.revoke('nobody')).toBeUndefined();
    expect(ring.add('shipper', 'read').id).not.toBe(id);
  });

  it('notices what another process changed, within a second', async () => {
    const directory = fresh();
    const clock = new FakeClock();
    const { ring } = KeyRing.open({ directory, clock });
    const { text } = KeyRing.open({ directory, clock }).ring.add('from the command line', 'read');
    await clock.advance(1000);
    expect(ring.verify(text.reveal(), here)).toMatchObject({ outcome: 'accepted', key: { name: 'from the command line' } });
  });

  it('remembers over a restart when a key was last used', () => {
    const directory = fresh();
    const clock = new FakeClock();
    const { ring } = KeyRing.open({ directory, clock });
    ring.verify(ring.add('reader', 'read').text.reveal(), here);
    ring.close();
    expect(KeyRing.open({ directory, clock }).ring.list()[0]?.lastUsed).toBe(new Date(clock.now()).toISOString());
  });

  it('of a file only reads it: no key is made, nothing is written beside it, and a file that comes later is found', async () => {
    const directory = fresh();
    const file = join(directory, 'readers.json');
    const clock = new FakeClock();
    const checking = KeyRing.ofFile(file, clock);
    expect([checking.verify('gw_x', here), checking.list()]).toEqual([{ outcome: 'unknown' }, []]);
    const { text } = KeyRing.ofFile(file, clock).add('reader', 'read');
    await clock.advance(1000);
    expect(checking.verify(text.reveal(), here)).toMatchObject({ outcome: 'accepted', key: { name: 'reader' } });
    checking.close();
    expect(readdirSync(directory)).toEqual(['readers.json']);
  });

  it('holds back an address after ten wrong keys in a minute, but never a right key', async () => {
    const clock = new FakeClock();
    const { ring } = KeyRing.open({ directory: fresh(), clock });
    const { text } = ring.add('reader', 'read');
    for (let i = 0; i < 10; i++) expect(ring.verify('gw_wrong', '192.0.2.1').outcome).toBe('unknown');
    expect(ring.verify('gw_wrong', '192.0.2.1')).toEqual({ outcome: 'throttled', retryAfter: 60_000 });
    expect(ring.verify('gw_wrong', '192.0.2.2').outcome).toBe('unknown');
    expect(ring.verify(text.reveal(), '192.0.2.1').outcome).toBe('accepted');
    await clock.advance(60_000);
    expect(ring.verify('gw_wrong', '192.0.2.1').outcome).toBe('unknown');
  });

  it('names a damaged key file and what to do', () => {
    const directory = fresh();
    writeFileSync(join(directory, 'keys.json'), '{"version":1,"keys":[{"id":"x"}]}');
    expect(() => KeyRing.open({ directory, clock: new FakeClock() })).toThrow(/keys\.json cannot be read \(keys\.0\.id: .*move it away/);
  });

  it('refuses a name that is taken or could break a terminal', () => {
    const { ring } = KeyRing.open({ directory: fresh(), clock: new FakeClock() });
    ring.add('a', 'read');
    expect(() => ring.add('a', 'read')).toThrow(/key named "a" already/);
    expect(() => ring.add('\u001b[31m', 'read')).toThrow(/expected 1 to 64/);
  });
});

describe('wrong keys', () => {
  it('are counted for a bounded number of addresses', () => {
    const wrong = new WrongKeys();
    for (let i = 0; i < 30_000; i++) wrong.add(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 0);
    expect(wrong.size).toBe(10_000);
  });

  it('count one IPv6 network as one', () => {
    const wrong = new WrongKeys();
    for (let i = 0; i < 10; i++) wrong.add(`2001:db8::${i}`, 0);
    expect(wrong.add('2001:db8:0:0:ffff::1', 0)).toBe(60_000);
    expect(wrong.add('2001:db8:1::1', 0)).toBeUndefined();
  });
});
