import { Worker } from 'node:worker_threads';
import { ServiceError } from '#telemetry';
import type { Failure, Opened, Request, Requests, Response, WorkerSettings } from './messages.js';
import { workerEntry } from './worker-entry.js';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The thread that DuckDB lives in, as asynchronous calls. */
export class StoreThread {
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #gone: ServiceError | undefined;

  private constructor(private readonly worker: Worker) {
    worker.on('message', (response: Response) => this.#settle(response));
    worker.on('error', (cause) =>
      this.#end(new ServiceError('store_stopped', `The thread of the event store stopped: ${cause.message}`, { cause })),
    );
    worker.on('exit', () => this.#end(new ServiceError('store_stopped', 'The thread of the event store is not running.')));
  }

  static async start(settings: WorkerSettings): Promise<{ thread: StoreThread; opened: Opened }> {
    const worker = new Worker(await workerEntry(), { workerData: settings, execArgv: [] });
    const thread = new StoreThread(worker);
    try {
      const opened = await new Promise((resolve, reject) => thread.#waiting.set(0, { resolve, reject }));
      return { thread, opened: opened as Opened };
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  call<Name extends keyof Requests>(
    name: Name,
    args: Parameters<Requests[Name]>,
    transfer: ArrayBuffer[] = [],
  ): Promise<ReturnType<Requests[Name]>> {
    const gone = this.#gone;
    if (gone) return Promise.reject(gone);
    const id = this.#next++;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const request: Request = { id, name, args };
    this.worker.postMessage(request, transfer);
    return answer as Promise<ReturnType<Requests[Name]>>;
  }

  async stop(): Promise<void> {
    if (this.#gone) return;
    await this.call('close', []);
    await this.worker.terminate();
  }

  #settle(response: Response): void {
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if ('failure' in response) waiting?.reject(toError(response.failure));
    else waiting?.resolve(response.result);
  }

  #end(error: ServiceError): void {
    this.#gone ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function toError({ code, message, retryable }: Failure): ServiceError {
  return new ServiceError(code, message, { retryable });
}
