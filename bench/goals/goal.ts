import type { BenchOptions } from '../options.js';
import type { Outcome } from '../report.js';
import type { Workload } from '../workload.js';

/** One figure that the product is to reach. */
export interface Goal {
  readonly number: number;
  readonly title: string;
  /** What must be reached, and what is aimed at, in words. */
  readonly must: string;
  readonly aim: string;
  run(context: { readonly options: BenchOptions; readonly workload: Workload }): Promise<Outcome>;
}
