import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { clusterConfig, detectorSettings } from './config.js';
import { configuredRules } from './rule-set.js';

const written = (detection: object, grace = '2m') => ({
  kafka: { brokers: ['kafka:9092'] },
  elasticsearch: { nodes: ['http://elastic:9200'] },
  sources: [{ name: 'edge', topics: ['edge-a', 'edge-b'], grace }],
  ingest: { hash_key: 'a key of the tests, and of nobody else' },
  detection,
});
const config = (...parts: Parameters<typeof written>) => clusterConfig.parse(written(...parts));

it('asks for the key of the hashes, which processes on several machines must share', () => {
  const { success, error } = clusterConfig.safeParse({ ...written({}), ingest: {} });
  expect([success, error?.issues.map(({ path }) => path.join('.'))]).toEqual([false, ['ingest.hash_key']]);
});

describe('the rules of the distributed mode', () => {
  it('are adjusted as those of the embedded mode are', () => {
    const exception = {
      name: 'scanner',
      rules: 'all',
      when: { 'source.ip': '192.0.2.1' },
      owner: 'Ann',
      reason: 'ours',
      expires: '2100-01-01',
    };
    const plain = configuredRules(config({}).detection, new FieldIndex());
    const name = plain.correlations.find(({ generates }) => generates)!.rule.name!;
    const { detection } = config({ sensitivity: 'strict', exceptions: [exception], overrides: [{ rule: name, level: 'informational' }] });
    const tuned = configuredRules(detection, new FieldIndex());
    expect(tuned.exemptions?.map((one) => one.name)).toEqual(['scanner']);
    expect(tuned.correlations.find(({ rule }) => rule.name === name)!.rule.level).toBe('informational');
    const thresholds = ({ correlations }: typeof plain) => correlations.map(({ threshold }) => threshold);
    expect(thresholds(tuned)).not.toEqual(thresholds(plain));
  });

  it('tell what is wrong with an override', () => {
    expect(() => configuredRules(config({ overrides: [{ rule: 'no-such', level: 'low' }] }).detection, new FieldIndex())).toThrow(
      "'no-such'",
    );
  });
});

it('gives every channel the grace of its source', () => {
  const { grace, maxKeys } = detectorSettings(config({ max_keys: 500 }, '7m'));
  expect([grace('edge-a/0'), grace('edge-b/12'), grace('gone/0'), maxKeys]).toEqual([420_000, 420_000, 120_000, 500]);
});
