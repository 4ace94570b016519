import { compileTexts, type RuleRef, type RuleShelf, type RuleTexts } from '#cluster';
import { formatRuleProblems, Router, type RuleSet, type RuleUnit } from '#detection';
import type { FieldIndex } from '#ecs';
import { ServiceError, type Logger } from '#telemetry';

/** A rule set as both stages need it. */
export interface CompiledRules {
  readonly ref: RuleRef;
  readonly rules: RuleSet;
  readonly router: Router;
  /** By unit and detection: what a match means. Where two sets agree in it, a match under the one counts under the other. */
  readonly meanings: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export interface RuleSetsParts {
  readonly shelf: Pick<RuleShelf, 'find' | 'newest' | 'has' | 'put'>;
  readonly index: FieldIndex;
  /** Partitions of `matches`. */
  readonly partitions: number;
  readonly ipv6Prefix: number;
  readonly logger: Logger;
}

/** Rule sets by their hash, compiled once for all tasks of the process. */
export class RuleSets {
  readonly #compiled = new Map<string, Promise<CompiledRules>>();
  #refused: string | undefined;

  private constructor(
    private readonly parts: RuleSetsParts,
    /** The rules of this process's own files: in force where none were ever published. */
    readonly own: CompiledRules,
  ) {}

  static async open(parts: RuleSetsParts, own: RuleTexts): Promise<RuleSets> {
    const compiled = compile(parts, { epoch: 0, hash: own.hash }, own);
    // Others that come upon matches made with these must be able to tell what they mean.
    if (!parts.shelf.has(own.hash)) await parts.shelf.put(own, 0);
    return new RuleSets(parts, compiled);
  }

  /** The rules that were published last, as far as this process has heard. */
  get newest(): RuleRef | undefined {
    return this.parts.shelf.newest;
  }

  /** Why published rules cannot be used here. Tasks that came upon them stand still. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /** What a saved task goes on with: published rules, else those of our own files, which may have been changed since. */
  resume(saved: RuleRef | undefined): Promise<CompiledRules> {
    return saved && saved.epoch > 0 ? this.get(saved) : Promise.resolve(this.own);
  }

  /** @throws ServiceError `rules_unknown` or `rules_unfit`: the task must not go on without them. */
  async get(ref: RuleRef): Promise<CompiledRules> {
    if (ref.hash === this.own.ref.hash) return { ...this.own, ref };
    let found = this.#compiled.get(ref.hash);
    if (!found) {
      found = this.parts.shelf.find(ref.hash).then((texts) => compile(this.parts, ref, texts));
      this.#compiled.set(ref.hash, found);
      // Rules that were in force long ago are seldom asked for.
      for (const hash of this.#compiled.keys()) if (this.#compiled.size > 4) this.#compiled.delete(hash);
    }
    try {
      const compiled = await found;
      this.#refused = undefined;
      return { ...compiled, ref };
    } catch (error) {
      this.#compiled.delete(ref.hash);
      this.#refused = (error as Error).message;
      throw error;
    }
  }
}

function compile({ index, partitions, ipv6Prefix, logger }: RuleSetsParts, ref: RuleRef, texts: RuleTexts): CompiledRules {
  const { rules, problems } = compileTexts(texts, index);
  if (problems.length) {
    const told = formatRuleProblems(problems.slice(0, 10));
    if (ref.epoch > 0) logger.error('Published rules cannot be used by this version of Gatewatch.', { rules: ref.hash, problems: told });
    throw new ServiceError(ref.epoch > 0 ? 'rules_unfit' : 'rules_invalid', `The rules cannot be used:\n${told}`);
  }
  const router = new Router({ rules, index, partitions, ipv6Prefix });
  return { ref, rules, router, meanings: new Map(router.units.map((unit) => [unit.id, meaningOf(unit)])) };
}

/** Of each detection: its version, where its matches are counted, and what is exempt there. */
function meaningOf({ rules: { detections, exemptions = [] }, routeBy }: RuleUnit): Map<string, string> {
  const exempt = exemptions.map(({ name, until, rules }) => [name, until, rules && [...rules]]);
  return new Map(detections.map(({ rule: { id, version } }, at) => [id, JSON.stringify([version, routeBy[at] ?? [], exempt])]));
}
