import type { Enricher } from './enricher.js';
import { geoip } from './geoip/geoip.js';
import { geoipConfig, type GeoipConfig } from './geoip/config.js';
import { network } from './network/network.js';
import { userAgent } from './user-agent/user-agent.js';

/** Every enricher by its name; a new one is one folder and one line here. */
export const enrichers = {
  geoip: (config: GeoipConfig, now?: () => number) => geoip(config, now),
  network: () => network(),
  'user-agent': () => userAgent(),
};

/** The enrichers as configured, in the order in which they run. `now` lets `status` tell the age of data. */
export function buildEnrichers(settings: { geoip?: Partial<GeoipConfig> } = {}, now?: () => number): readonly Enricher[] {
  const geo = geoipConfig.parse(settings.geoip ?? {});
  return [enrichers.network(), ...(geo.enabled ? [enrichers.geoip(geo, now)] : []), enrichers['user-agent']()];
}
