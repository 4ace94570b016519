import { createHash } from 'node:crypto';
import { readRuleFiles, type RuleProblem } from '#detection';
import type { Logger } from '#telemetry';
import type { Clock, Millis } from '#time';

export interface RuleWatcherParts {
  readonly paths: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Loads the rules and puts them in place; gives the problems because of which it did not. */
  readonly reload: () => Promise<readonly RuleProblem[]>;
}

const every: Millis = 2000;

/** Looks at rule files now and then and reloads them when their content changed. Rules with problems are not taken: the ones in force stay. */
export class RuleWatcher {
  readonly #parts: RuleWatcherParts;
  #fingerprint: string;
  #problems: readonly RuleProblem[] = [];
  #asked = false;

  constructor(parts: RuleWatcherParts) {
    this.#parts = parts;
    this.#fingerprint = fingerprintOf(parts.paths);
  }

  /** Why the files as they are now are not in force; empty when they are. */
  get problems(): readonly RuleProblem[] {
    return this.#problems;
  }

  /** Reloads at the next look, changed or not. */
  ask(): void {
    this.#asked = true;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#parts.clock.sleep(every, signal);
      if (!signal.aborted) await this.look();
    }
  }

  async look(): Promise<void> {
    const { paths, logger, reload } = this.#parts;
    const fingerprint = fingerprintOf(paths);
    if (fingerprint === this.#fingerprint && !this.#asked) return;
    this.#fingerprint = fingerprint;
    this.#asked = false;
    this.#problems = await reload();
    if (this.#problems.length === 0) logger.info('Rules were reloaded; those that did not change keep their windows.', {});
    else
      logger.error('Changed rules have problems and are not in force; the rules before them stay.', {
        problems: this.#problems.slice(0, 10),
      });
  }
}

function fingerprintOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    try {
      for (const { file, text } of readRuleFiles(path)) hash.update(file).update('\0').update(text).update('\0');
    } catch (error) {
      // A folder that vanished is a change too; loading will say what is wrong with it.
      hash.update(`unreadable ${path} ${(error as Error).message}`);
    }
  }
  return hash.digest('hex');
}
