import type { Millis } from '#time';
import type { Observation } from './detection.js';
import type { RuleSet } from './sigma/rule.js';
import type { SilenceSettings } from './watchdog/source-watch.js';

/** How the detector watches itself. */
export interface WatchSettings {
  readonly silence?: SilenceSettings;
  /**
   * Rules that are evaluated elsewhere, in many places: what sources sent is told through `HeardObserver`, and observations only pass time. Absent: the detector's own
   * rules and what it observes.
   */
  readonly of?: RuleSet;
}

/** How the detector behaves, beside its rules. */
export interface DetectorSettings {
  /** How much later than its neighbours an event of a source may come. */
  grace(source: string): Millis;
  /** A source silent for this long stops holding the watermark back. */
  readonly idleAfter: Millis;
  /** Group keys of one rule. Beyond it the key silent longest is given up. */
  readonly maxKeys: number;
  /** Group keys of one rule that are kept ready; above it those that were left alone for longest are packed, which changes no result. 32,768 if absent. */
  readonly mostAwake?: number;
  /** IPv6 addresses are grouped by this prefix; 128 leaves them as they are. */
  readonly ipv6Prefix: number;
  /** Every match of a generating detection, late ones too; `detection` is its place in the rule set. */
  readonly onMatch?: (detection: number, observation: Observation) => void;
  /** False: matches of generating detections are told to `onMatch` only, and do not become signals. */
  readonly episodes?: boolean;
  /** False: the state is never saved, as in a single reading of a log. */
  readonly durable?: boolean;
  /** Sources known to exist. Absent: a source counts from its first event. */
  readonly sources?: readonly string[];
  /** Present: a ledger is kept of what was evaluated. With `silence`, regular sources that fall silent are told. */
  readonly watch?: WatchSettings;
}

/** Grace 2 min, idle after 1 min, a million keys a rule, IPv6 by /64. */
export const defaultDetectorSettings: DetectorSettings = {
  grace: () => 120_000,
  idleAfter: 60_000,
  maxKeys: 1_000_000,
  ipv6Prefix: 64,
};

/** What a configuration says of how the detector behaves. */
export interface ConfiguredDetection {
  readonly idle_after: Millis;
  readonly max_keys: number;
  readonly ipv6_prefix: number;
}

/** Settings as the configuration has them; `grace` gives undefined for a source that it does not name. */
export function configuredSettings(
  { idle_after: idleAfter, max_keys: maxKeys, ipv6_prefix: ipv6Prefix }: ConfiguredDetection,
  grace: (source: string) => Millis | undefined,
): DetectorSettings {
  return { grace: (source) => grace(source) ?? defaultDetectorSettings.grace(source), idleAfter, maxKeys, ipv6Prefix };
}

/** What a configuration says of sources that fall silent. */
export interface ConfiguredSilence {
  readonly silence: { readonly enabled: boolean; readonly at_least: Millis; readonly factor: number; readonly learning: Millis };
}

/** A ledger is kept in any case. */
export function configuredWatch({ silence: { enabled, at_least: atLeast, factor, learning } }: ConfiguredSilence): WatchSettings {
  return enabled ? { silence: { atLeast, factor, learning } } : {};
}
