import { publishTexts, ruleTexts, type ClusterProcess, type RuleTexts } from '#cluster';
import { formatRuleProblems } from '#detection';
import type { Millis } from '#time';
import type { RuleSets } from './rule-sets.js';

const every: Millis = 5000;

/** How the rules of the files and those in force stand to each other. */
export interface RulesWatch {
  facts(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/**
 * Looks at the rule files now and then, and publishes them when they have changed since the process started: the first detector that sees a change puts it in force for all.
 * What the files held at the start is not published: a process with old files that starts again must not take rules back. Files with problems are refused as a whole.
 */
export function watchRules(process: ClusterProcess, { sets, texts }: { readonly sets: RuleSets; readonly texts: RuleTexts }): RulesWatch {
  const { config, shelf, outlet, names, topics, clock, logger, metrics } = process;
  const gauge = metrics.gauge('rules_refused', 'Whether changed rules are not in force because of problems in them.');
  const epoch = metrics.gauge('rules_epoch_seconds', 'When the rules in force were published; 0 for those of the process’s own files.');
  const stop = new AbortController();
  let seen = texts.hash;
  let problems: string | undefined;
  let trouble: string | undefined;
  const look = async (): Promise<void> => {
    const found = ruleTexts(config.detection);
    if (found.hash === seen) return;
    const partitions = topics.partitions.get(names.events)!;
    const made = await publishTexts(found, { shelf, outlet, events: names.events, partitions, now: clock.now() });
    seen = found.hash;
    problems = made.problems.length ? formatRuleProblems(made.problems.slice(0, 10)) : undefined;
    if (problems) logger.error('Changed rules have problems and are refused; the rules before them stay.', { problems });
    else logger.info('Changed rules were published.', { rules: found.hash, count: made.rules, fresh: made.fresh });
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await clock.sleep(every, stop.signal);
      if (stop.signal.aborted) return;
      try {
        await look();
        trouble = undefined;
      } catch (error) {
        // A folder that is being replaced, or brokers that are away.
        trouble = (error as Error).message;
        logger.warn('The rule files were not looked at; it is tried again.', { reason: trouble });
      }
      gauge.set((problems ?? trouble ?? sets.refused) === undefined ? 0 : 1);
      epoch.set((sets.newest?.epoch ?? 0) / 1000);
    }
  };
  const running = run();
  return {
    facts: () => factsOf(sets, seen, problems ?? trouble),
    close: () => {
      stop.abort();
      return running;
    },
  };
}

/** @param files Hash of what the files hold. */
function factsOf(sets: RuleSets, files: string, problems: string | undefined): Readonly<Record<string, unknown>> {
  const inForce = sets.newest ?? sets.own.ref;
  return {
    hash: inForce.hash,
    ...(inForce.epoch > 0 && { published: new Date(inForce.epoch).toISOString() }),
    files: files === inForce.hash ? 'the same' : 'others: gatewatch rules publish puts them in force',
    ...(problems !== undefined && { problems }),
    ...(sets.refused !== undefined && { refused: sets.refused }),
  };
}
