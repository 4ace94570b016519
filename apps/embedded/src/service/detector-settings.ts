import { defaultDetectorSettings, type DetectorSettings } from '#detection';
import type { EmbeddedConfig } from '../config.js';

/** The detector's settings as the configuration has them: for the service, and for what runs its rules again. */
export function detectorSettings({ sources, detection }: EmbeddedConfig): DetectorSettings {
  const graces = new Map(sources.map(({ name, grace }) => [name, grace]));
  const { silence } = detection;
  return {
    grace: (source) => graces.get(source) ?? defaultDetectorSettings.grace(source),
    idleAfter: detection.idle_after,
    maxKeys: detection.max_keys,
    ipv6Prefix: detection.ipv6_prefix,
    watch: silence.enabled ? { silence: { atLeast: silence.at_least, factor: silence.factor, learning: silence.learning } } : {},
  };
}
