import { isIP } from 'node:net';
import { ServiceError } from '#telemetry';

/** @throws ServiceError `public_address_refused` where the host is reachable from outside and nobody said that it may be. */
export function checkHost(host: string, allowPublic: boolean): void {
  if (allowPublic || isLoopback(host)) return;
  throw new ServiceError(
    'public_address_refused',
    `Gatewatch listens on this machine only, and ${host} is reachable from outside. Set http.allow_public: true if that is meant (with a TLS proxy in front), or use 127.0.0.1.`,
  );
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
