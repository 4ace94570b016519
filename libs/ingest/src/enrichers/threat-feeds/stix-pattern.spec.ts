import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOf } from './stix-pattern.js';

describe('the addresses that meet a STIX pattern alone', () => {
  it.each<[string, string[]]>([
    ["[ipv4-addr:value = '203.0.113.7']", ['203.0.113.7']],
    ["[ ipv4-addr:value == '203.0.113.7' OR ipv6-addr:value ISSUBSET '2001:db8::/32' ]", ['203.0.113.7', '2001:db8::/32']],
    ["[ipv4-addr:value IN ('203.0.113.7', '203.0.113.8')]", ['203.0.113.7', '203.0.113.8']],
    ["([ipv4-addr:value='203.0.113.7'] OR [domain-name:value = 'example.org'])", ['203.0.113.7']],
    ["[ipv4-addr:value = '203.0.113.7'] FOLLOWEDBY [ipv4-addr:value = '203.0.113.8']", []],
    ["[ipv4-addr:value = '203.0.113.7'] AND [file:name = 'a'] OR [ipv4-addr:value = '203.0.113.8']", ['203.0.113.8']],
    ["[network-traffic:dst_port = 443 AND ipv4-addr:value = '203.0.113.7']", []],
    ["[(ipv4-addr:value = '203.0.113.7' OR ipv4-addr:value = '203.0.113.8') AND network-traffic:dst_port = 443]", []],
    ["[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = '203.0.113.7/32']", ['203.0.113.7/32']],
    ["[ipv4-addr:value NOT = '203.0.113.7']", []],
    ["[ipv4-addr:value != '203.0.113.7']", []],
    ["[ipv4-addr:value LIKE '203.0.113.%']", []],
    ["[file:name = ' AND ' OR ipv4-addr:value = '203.0.113.7']", ['203.0.113.7']],
    ["[file:name = 'it\\'s' OR ipv4-addr:value = '203.0.113.7']", ['203.0.113.7']],
    ["[email-message:body_multipart[*].body_raw_ref.name MATCHES '^a[0]' OR ipv4-addr:value = '203.0.113.7']", ['203.0.113.7']],
    ["[file:hashes.'SHA-256' = 'ab' OR ipv4-addr:value = '203.0.113.7']", ['203.0.113.7']],
    ['[EXISTS ipv4-addr:value]', []],
    ["[ipv4-addr:value = '203.0.113.7'] REPEATS 5 TIMES WITHIN 1800 SECONDS", []],
    ["[ipv4-addr:value = '203.0.113.7'] WITHIN 300 SECONDS", ['203.0.113.7']],
    ["[ipv4-addr:value = '203.0.113.7'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'", []],
  ])('%s', (pattern, addresses) => {
    expect(addressesOf(pattern)).toEqual(addresses);
  });

  it.each([
    '',
    'x',
    "[ipv4-addr:value = '203.0.113.7'",
    "[ipv4-addr:value = '203.0.113.7']]",
    "[NOT ipv4-addr:value = '203.0.113.7']",
    '[ipv4-addr:value]',
    '['.repeat(100_000),
    "'",
    '[]',
  ])('nothing where it is no pattern: %.40s', (pattern) => {
    expect(addressesOf(pattern)).toBeUndefined();
  });

  it('never throws, whatever it is given, and never runs long', () => {
    const part = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      ' AND ',
      ' OR ',
      ' FOLLOWEDBY ',
      'ipv4-addr:value',
      " = '1.2.3.4'",
      ' IN ',
      ',',
      ' NOT ',
      " t'x'",
      '\\',
      "'",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        addressesOf(parts.join(''));
      }),
      { numRuns: 5000 },
    );
    const long = `[${Array.from({ length: 40_000 }, () => "ipv4-addr:value = '203.0.113.7'").join(' OR ')}]`;
    expect(addressesOf(long)).toHaveLength(40_000);
  });
});
