import type { Way } from './way.js';

/** Elasticsearch as tests and `npm run engines` start it. */
export interface Elasticsearch {
  readonly url: string;
  /** Where it comes from. One from the environment cannot be killed. */
  readonly way: Way['kind'];
  readonly pid: () => number | undefined;
  /** Ends it for good and removes what it kept, unless the caller gave the folder. */
  stop(): Promise<void>;
  /** As a power cut would. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and with what it kept. */
  start(): Promise<void>;
}

export interface ElasticsearchOptions {
  /** `9.5.3` if absent, or `8.19.4` where no Java of version 21 is to be had. */
  readonly version?: string;
  /** Kept after `stop` if given. */
  readonly dataDir?: string;
  /** Java's `-Xmx`. */
  readonly heap?: string;
  /** For the few minutes of a test, not for measuring. */
  readonly brief?: boolean;
}
