import type { Facts } from '#telemetry';
import type { Clock, Millis } from '#time';

/** `warn`: works, but a person should look. `fail`: does not do its work now. */
export type Condition = 'ok' | 'warn' | 'fail';

export interface Finding {
  readonly status: Condition;
  /** One sentence for people: what is wrong and what to do. */
  readonly message?: string;
  readonly facts?: Facts;
}

export interface Check {
  readonly name: string;
  /** A failure makes the service "not ready": it should get no traffic. Other failures are only shown. */
  readonly gatesReadiness?: boolean;
  run(): Finding | Promise<Finding>;
}

export interface HealthReport {
  readonly status: Condition;
  readonly checks: Readonly<Record<string, Finding>>;
}

const patience: Millis = 2000;
const rank: Record<Condition, number> = { ok: 0, warn: 1, fail: 2 };

/** Runs the checks side by side; one that throws or takes longer than two seconds has failed. */
export class Health {
  readonly #checks: readonly Check[];
  readonly #clock: Clock;

  constructor(checks: readonly Check[], clock: Clock) {
    this.#checks = checks;
    this.#clock = clock;
  }

  /** Only the checks that gate readiness. */
  ready(): Promise<HealthReport> {
    return this.#report(this.#checks.filter(({ gatesReadiness }) => gatesReadiness));
  }

  detail(): Promise<HealthReport> {
    return this.#report(this.#checks);
  }

  async #report(checks: readonly Check[]): Promise<HealthReport> {
    const findings = await Promise.all(checks.map((check) => this.#run(check)));
    const status = findings.reduce<Condition>((worst, found) => (rank[found.status] > rank[worst] ? found.status : worst), 'ok');
    return { status, checks: Object.fromEntries(checks.map(({ name }, i) => [name, findings[i]!])) };
  }

  async #run(check: Check): Promise<Finding> {
    const waiting = new AbortController();
    const tooLong = this.#clock
      .sleep(patience, waiting.signal)
      .then((): Finding => ({ status: 'fail', message: 'The check took too long.' }));
    try {
      return await Promise.race([Promise.resolve(check.run()), tooLong]);
    } catch (error) {
      return { status: 'fail', message: error instanceof Error ? error.message : 'The check failed.' };
    } finally {
      waiting.abort();
    }
  }
}
