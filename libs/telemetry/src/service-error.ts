/** Unexpected trouble: a stable code, whether trying again can help, and what lies behind it. Codes are listed in each library's README. */
export class ServiceError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ServiceError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
