import type { ClusterProcess, Progress, RuleRef } from '#cluster';
import type { DetectorSettings, WatchSettings } from '#detection';
import type { FieldIndex, Provenance } from '#ecs';
import type { SavedAccount } from './ledger-account.js';
import type { PacketPlace } from './packed-state.js';
import type { RuleSets } from './rule-sets.js';

/** What is saved of a windows task beside the state of its windows. */
export interface WindowsFacts {
  readonly next: string;
  /** By partition of `events`: the last origin that was counted. */
  readonly marks: Readonly<Record<string, number>>;
  readonly clocks: Readonly<Record<string, Progress>>;
  readonly channels: readonly string[];
  /** Message from which on is read, and only remembered, when the task is opened. */
  readonly remembered?: string;
  /** When time was last told. */
  readonly ticked: number;
  readonly packets?: PacketPlace;
  /** The rules that it is counted with. */
  readonly rules?: RuleRef;
  /** By partition of `events`: the last of its messages that was heard of. */
  readonly heard?: Readonly<Record<string, number>>;
  readonly account?: SavedAccount;
  /** By partition of `events`: versions of the enrichers' data. */
  readonly data?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Of a task that never ran. */
export const noWindows: WindowsFacts = { next: '0', marks: {}, clocks: {}, channels: [], ticked: 0 };
/** What the windows tasks of a process share. */
export interface WindowsShared {
  readonly process: ClusterProcess;
  readonly index: FieldIndex;
  readonly sets: RuleSets;
  /** Sources are channels here. */
  readonly settings: DetectorSettings;
  readonly watch: WatchSettings;
  /** What every signal carries. */
  readonly provenance: Provenance;
}
