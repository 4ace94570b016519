import type { Metrics } from '#telemetry';
import type { SignalEntry } from './intake.js';

/** Open episodes that are remembered so that their revisions count once; more are only reached in a storm, where the count is then too high. */
const remembered = 100_000;

/** Gives a function that counts signals by level: an episode once, though the journal has every revision of it. A restart counts open episodes again. */
export function countSignals(metrics: Metrics): (entries: readonly SignalEntry[]) => void {
  const signals = metrics.counter('alerting_signals_total', 'Signals read from the journal, each once.', ['level']);
  const open = new Set<string>();
  return (entries) => {
    for (const { signal } of entries) {
      const ended = signal.status !== 'open';
      const known = ended ? open.delete(signal.id) : open.has(signal.id);
      // A merged one is part of another, which is counted.
      if (!known && signal.status !== 'merged') signals.add(1, { level: signal.rule.level });
      if (ended) continue;
      if (open.size >= remembered) open.clear();
      open.add(signal.id);
    }
  };
}
