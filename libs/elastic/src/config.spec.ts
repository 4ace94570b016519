import { describe, expect, it } from 'vitest';
import { elasticConfig } from './config.js';

const wrong = (settings: object): string[] =>
  elasticConfig.safeParse(settings).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('the settings of Elasticsearch', () => {
  it('need no more than an address', () => {
    expect(elasticConfig.parse({ nodes: ['https://search.example.com:9200'] })).toMatchObject({
      namespace: 'default',
      retention: 90 * 86_400_000,
      bulk: { size: 4_194_304, in_flight: 4, retry_for: 30_000 },
      tls: { verify: true },
    });
  });

  it('hide what is secret', () => {
    const { api_key } = elasticConfig.parse({ cloud_id: 'name:ZXhhbXBsZSRhJGI=', api_key: 'c2VjcmV0' });
    expect([String(api_key), api_key?.reveal()]).toEqual(['<secret>', 'c2VjcmV0']);
  });

  it.each([
    [{}, 'nodes: expected either nodes or cloud_id'],
    [{ nodes: ['http://a'], cloud_id: 'x' }, 'nodes: expected either nodes or cloud_id'],
    [{ nodes: ['http://a'], username: 'u' }, 'password: username and password go together'],
    [{ nodes: ['http://a'], username: 'u', password: 'p', api_key: 'k' }, 'api_key: expected either api_key or username, not both'],
    [{ nodes: ['http://a'], namespace: 'a-b' }, 'namespace: expected lower-case letters, digits, "." and "_", at most 60'],
    [{ nodes: ['http://u:p@a'] }, 'nodes.0: expected an http or https URL'],
  ])('%j: %s', (settings, problem) => {
    expect(wrong(settings)).toEqual([problem]);
  });
});
