import type { JsonObject } from '#ecs';
import type { LogEvent } from '../../../log-event.js';
import type { Condition, JsonScalar } from './condition.js';
import type { DeedText } from './deeds.js';

/** One place, or several of which the first that has a value counts. */
export type Places = string | readonly string[];

/** What follows from a record's own words: shared by vendors' records and by mapping files. */
export interface Verdicts {
  /** Where the record says how it ended, and its words for that. */
  readonly outcome?: { readonly from: Places; readonly success?: readonly JsonScalar[]; readonly failure?: readonly JsonScalar[] };
  /** Where the record names the event, and what each name means; a trailing `*` stands for any ending, the longest wins. */
  readonly actions?: { readonly from: Places; readonly of: Readonly<Record<string, DeedText>>; readonly otherwise?: DeedText };
  /** What conditions add; the first that holds and speaks of a field wins, and wins over what the fields' places hold. */
  readonly when?: readonly Consequence[];
}

export interface Consequence {
  readonly if: Condition;
  readonly action?: DeedText;
  readonly set?: Readonly<Record<string, JsonScalar | readonly string[]>>;
}

/** What the words at some places mean; the first place whose word is known counts, and of a list its first known entry. */
export interface Words {
  readonly from: Places;
  /** Their word, a `*` at either end standing for any text, to ours. Where several fit, the meaning that is named first counts. */
  readonly of: Readonly<Record<string, JsonScalar>>;
}

/** How one vendor's records are read, as data. */
export interface RecordMap extends Verdicts {
  readonly module: string;
  readonly dataset: string;
  /** Places of the time. */
  readonly time: Places;
  /** The zone of times that name none, where the vendor says which; else it is the source's. */
  readonly timeZone?: string;
  /** Places of the sender's own id. */
  readonly id?: Places;
  /**
   * ECS field to its places. Addresses, targets and durations are read as such; besides fields: `@request` (a request line), `@forwarded`
   * (X-Forwarded-For), `@host`, and `@seconds`, `@millis`, `@micros` for `event.duration`.
   */
  readonly fields: Readonly<Record<string, Places>>;
  readonly constants?: Readonly<Record<string, JsonScalar | readonly string[]>>;
  /** Words that the vendor writes where it knows nothing (`unknown`): as good as absent from `fields`. */
  readonly none?: readonly string[];
  /** Fields whose word is ours for one of theirs. */
  readonly words?: Readonly<Record<string, Words>>;
  /** Whether it is an access record: category, outcome and login are then told from request and answer where nothing else told them. */
  readonly access?: true;
  /** What a table cannot say. */
  readonly finish?: (event: LogEvent, record: JsonObject) => void;
}

/** One kind of record. Nothing but the object decides whether it is one, and looks exclude each other. */
export interface RecordShape extends RecordMap {
  /** Names its folder and is what an explanation calls it. */
  readonly name: string;
  /** Top-level keys of which a record has at least one: the first, cheap look. Choose keys that other logs seldom have. */
  readonly marks: readonly string[];
  /** The second look, only at objects with a mark: the record within the object (itself, or what a wrapper holds), or nothing. */
  readonly find: (tree: JsonObject) => JsonObject | undefined;
}
