import { configuredSettings, configuredWatch, type DetectorSettings } from '#detection';
import type { EmbeddedConfig } from '../config.js';

type WatchedConfig = Pick<EmbeddedConfig, 'detection'> & {
  readonly sources: readonly Pick<EmbeddedConfig['sources'][number], 'name' | 'grace'>[];
};

/** The detector's settings as the configuration has them: for the service, and for what runs its rules again. */
export function detectorSettings({ sources, detection }: WatchedConfig): DetectorSettings {
  const graces = new Map(sources.map(({ name, grace }) => [name, grace]));
  return {
    ...configuredSettings(detection, (source) => graces.get(source)),
    watch: configuredWatch(detection),
  };
}
