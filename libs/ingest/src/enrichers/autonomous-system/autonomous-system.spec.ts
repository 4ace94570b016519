import { describe, expect, it } from 'vitest';
import { writeMmdb } from '../../mmdb/write-mmdb.js';
import { enriched, folderOf } from '../enrich-spec-kit.js';
import { autonomousSystem, readClasses } from './autonomous-system.js';

const files = folderOf({
  asn: writeMmdb(24, {
    '203.0.113.0/24': { autonomous_system_number: 64500, autonomous_system_organization: 'Example Hosting GmbH' },
    '198.51.100.0/24': { autonomous_system_number: 16509, autonomous_system_organization: 'AMAZON-02' },
    '192.0.2.0/24': { autonomous_system_number: 64501, autonomous_system_organization: 'Example Telecom' },
  }),
  anonymous: writeMmdb(24, { '192.0.2.7/32': { is_anonymous: true, is_tor_exit_node: true } }),
  classes: '# ours\nAS64501,mobile\n203.0.113.66,vpn\n',
});

describe('the autonomous system enricher', () => {
  it('tells whose network an address is in and of what kind', () => {
    const all = autonomousSystem({
      asn: files.path('asn'),
      anonymous: files.path('anonymous'),
      classes: files.path('classes'),
      staleAfter: 30,
    });
    const of = (ip: string): unknown[] => {
      const found = enriched(all, { 'source.ip': ip });
      return [found('source.as.number'), found('source.as.organization.name'), found('gatewatch.source.as.class')];
    };
    expect(of('203.0.113.7')).toEqual([64500, 'Example Hosting GmbH', 'hosting']);
    expect(of('203.0.113.66')).toEqual([64500, 'Example Hosting GmbH', 'vpn']);
    expect(of('198.51.100.1')).toEqual([16509, 'AMAZON-02', 'hosting']);
    expect(of('192.0.2.7')).toEqual([64501, 'Example Telecom', 'tor']);
    expect(of('192.0.2.8')).toEqual([64501, 'Example Telecom', 'mobile']);
    expect(of('8.8.8.8')).toEqual([undefined, undefined, undefined]);
  });

  it('classes what the log itself says, without any file', () => {
    const plain = autonomousSystem({ staleAfter: 30 });
    expect(enriched(plain, { 'source.as.number': 14061 })('gatewatch.source.as.class')).toBe('hosting');
    expect(enriched(plain, { 'source.as.organization.name': 'NordVPN' })('gatewatch.source.as.class')).toBe('vpn');
    expect(enriched(plain, { 'source.as.organization.name': 'Deutsche Telekom AG' })('gatewatch.source.as.class')).toBeUndefined();
  });

  it('warns of old data', () => {
    const old = autonomousSystem({ asn: files.path('asn'), staleAfter: 30 }, () => 1_768_000_000_000 + 300 * 86_400_000);
    expect(old.status!()).toMatchObject({ dataAgeDays: 300, warning: expect.stringContaining('300 days old') as string });
  });

  it('refuses a list that it cannot read', () => {
    expect(() => readClasses('AS1,castle')).toThrow(/castle/);
    expect(() => readClasses('x,vpn')).toThrow(/"x"/);
  });
});
