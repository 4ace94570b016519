import { autonomousSystem, type AutonomousSystemFiles } from './autonomous-system/autonomous-system.js';
import { asClassesConfig } from './autonomous-system/config.js';
import { city } from './city/city.js';
import { mmdbConfig, type MmdbConfig } from './city/config.js';
import { ServiceError } from '#telemetry';
import type { Enricher } from './enricher.js';
import { geoip } from './geoip/geoip.js';
import { geoipConfig, type GeoipConfig } from './geoip/config.js';
import { network } from './network/network.js';
import { feedAllowConfig, feedsConfig } from './threat-feeds/config.js';
import { threatFeeds, type Feed } from './threat-feeds/threat-feeds.js';
import { userAgent } from './user-agent/user-agent.js';
import { verifiedBotsConfig, type VerifiedBotsConfig } from './verified-bots/config.js';
import { VerifiedBots } from './verified-bots/verified-bots.js';
import { watchListsConfig, type WatchListConfig } from './watch-lists/config.js';
import { watchLists } from './watch-lists/watch-lists.js';

type Now = () => number;

/** Every enricher by its name; a new one is one folder and one line here. */
export const enrichers = {
  network: () => network(),
  geoip: (config: GeoipConfig, now?: Now) => geoip(config, now),
  city: (path: string, staleAfter: number, now?: Now) => city(path, staleAfter, now),
  'autonomous-system': (files: AutonomousSystemFiles, now?: Now) => autonomousSystem(files, now),
  'user-agent': () => userAgent(),
  'threat-feeds': (feeds: readonly Feed[], allowed: readonly string[], now?: Now) => threatFeeds(feeds, allowed, now),
  'verified-bots': (bots: VerifiedBotsConfig) => new VerifiedBots(bots),
  'watch-lists': (lists: readonly WatchListConfig[]) => watchLists(lists),
};

export const enricherSettings = {
  geoip: geoipConfig,
  mmdb: mmdbConfig,
  as_classes: asClassesConfig,
  feeds: feedsConfig,
  feed_allow: feedAllowConfig,
  lists: watchListsConfig,
  verified_bots: verifiedBotsConfig,
};

/** What `buildEnrichers` reads of the configuration of ingest. */
export interface EnricherSettings {
  readonly geoip?: Partial<GeoipConfig>;
  readonly mmdb?: Partial<MmdbConfig>;
  readonly as_classes?: string | undefined;
  readonly feeds?: readonly Feed[];
  readonly feed_allow?: readonly string[];
  readonly lists?: readonly WatchListConfig[];
  readonly verified_bots?: VerifiedBotsConfig | undefined;
}

/**
 * The enrichers as configured, in the order in which they run. `now` lets `status` tell the age of data.
 * @throws ServiceError `enrichment_unreadable` when a file cannot be used.
 */
export function buildEnrichers(settings: EnricherSettings = {}, now?: Now): readonly Enricher[] {
  const geo = geoipConfig.parse(settings.geoip ?? {});
  const { city: cityFile, asn, anonymous, stale_after: staleAfter } = mmdbConfig.parse(settings.mmdb ?? {});
  const { as_classes: classes, feeds = [], feed_allow: allowed = [], lists = [], verified_bots: bots } = settings;
  const networks = {
    staleAfter,
    ...(asn !== undefined && { asn }),
    ...(anonymous !== undefined && { anonymous }),
    ...(classes !== undefined && { classes }),
  };
  return [
    enrichers.network(),
    ...(cityFile !== undefined ? [enrichers.city(cityFile, staleAfter, now)] : geo.enabled ? [enrichers.geoip(geo, now)] : []),
    enrichers['user-agent'](),
    enrichers['autonomous-system'](networks, now),
    ...(feeds.length ? [enrichers['threat-feeds'](feeds, allowed, now)] : []),
    ...(bots ? [enrichers['verified-bots'](bots)] : []),
    ...(lists.length ? enrichers['watch-lists'](lists) : []),
  ];
}

/** What is wrong with the files that the configuration names, one sentence each: databases, classes, feeds, lists, networks of crawlers. Nothing is kept open. */
export function enrichmentProblems({
  mmdb = {},
  as_classes: classes,
  feeds = [],
  lists = [],
  verified_bots: bots,
}: EnricherSettings): string[] {
  const { city: cityFile, asn, anonymous } = mmdb;
  const alone: EnricherSettings[] = [
    ...(cityFile === undefined ? [] : [{ mmdb: { city: cityFile } }]),
    ...(asn === undefined ? [] : [{ mmdb: { asn } }]),
    ...(anonymous === undefined ? [] : [{ mmdb: { anonymous } }]),
    ...(classes === undefined ? [] : [{ as_classes: classes }]),
    ...feeds.map((feed) => ({ feeds: [feed] })),
    ...lists.map((list) => ({ lists: [list] })),
    ...(bots === undefined ? [] : [{ verified_bots: bots }]),
  ];
  return alone.flatMap((settings) => {
    try {
      buildEnrichers({ geoip: { enabled: false }, ...settings });
      return [];
    } catch (error) {
      if (error instanceof ServiceError) return [error.message];
      throw error;
    }
  });
}
