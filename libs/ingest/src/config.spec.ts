import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ingestConfig, sourceFormatConfig } from './config.js';

const source = z.strictObject(sourceFormatConfig);

describe('the configuration of ingest', () => {
  it('has defaults for everything', () => {
    expect(ingestConfig.parse(undefined)).toMatchObject({
      keep_original: true,
      max_line: 1_048_576,
      max_skew: 300_000,
      dedupe: { max_ids: 1_000_000, horizon: 86_400_000 },
    });
    expect(source.parse({})).toEqual({ format: 'auto', trusted_proxies: [], client_address: 'x-forwarded-for' });
  });

  it('says what is wrong with a duration, a size, a zone and a log format', () => {
    const problems = [
      ingestConfig.safeParse({ max_skew: 'soon' }),
      ingestConfig.safeParse({ max_line: '1 elephant' }),
      source.safeParse({ time_zone: 'Mars/Olympus' }),
      source.safeParse({ format: { kind: 'nginx', log_format: '$remote_addr' } }),
      source.safeParse({ formt: 'auto' }),
    ].map(({ error }) => z.prettifyError(error!));
    expect(problems).toEqual([
      expect.stringContaining('expected a duration with a unit'),
      expect.stringContaining('expected a size with a unit'),
      expect.stringContaining('expected ±hh:mm or an IANA name'),
      expect.stringContaining('it has no time'),
      expect.stringContaining('formt'),
    ]);
  });
});
