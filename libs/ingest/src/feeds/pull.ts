import type { Get, PullError } from './fetch.js';
import type { PullState } from './feed-files.js';

/** What both kinds of pull need to know. */
export interface PullRequest {
  readonly url: URL;
  readonly get: Omit<Get, 'url' | 'headers'>;
}

/** What to write, and what to remember. */
export type Pulled = {
  readonly state: Omit<PullState, 'of' | 'at'>;
  /** Why it is not all. */
  readonly failure?: PullError;
} & ({ readonly changed: false } | { readonly changed: true; readonly pieces: Iterable<string | Uint8Array> });
