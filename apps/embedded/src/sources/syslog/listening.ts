import { ServiceError } from '#telemetry';
import type { Transport } from './tally.js';

/** A listener that is up. */
export interface Listening {
  readonly transport: Transport;
  /** `127.0.0.1:5514` */
  readonly address: string;
  /** Now and then: looks at what can only be seen by looking. */
  look(): void;
  /** Takes nothing more; resolves when everything that came was handed on. */
  close(): Promise<void>;
}

export function addressText({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** What the system says about an address, with what to do. */
export function listenTrouble(
  error: unknown,
  {
    source,
    transport,
    host,
    port,
  }: { readonly source: string; readonly transport: Transport; readonly host: string; readonly port: number },
): ServiceError {
  const place = addressText({ address: host, port });
  const setting = `source "${source}", syslog.${transport}`;
  const code = (error as NodeJS.ErrnoException).code;
  const what: Record<string, string> = {
    EADDRINUSE: `${place} is in use by another program. Stop that program, or set another port`,
    EACCES: `This user may not listen on ${place}. Choose a port above 1023`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Set a host that is, such as 127.0.0.1`,
    ENOTFOUND: `${host} is no address of this machine. Set a host that is, such as 127.0.0.1`,
  };
  const told = what[code ?? ''] ?? `Gatewatch cannot listen on ${place}: ${(error as Error).message}. Mend it`;
  return new ServiceError('syslog_listen_failed', `${told} (${setting}).`, { cause: error });
}
