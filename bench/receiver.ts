import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A webhook's other end. */
export class Receiver {
  private constructor(private readonly server: Server) {}

  /** `told` is given the body of every request. */
  static async start(told: (body: string) => void): Promise<Receiver> {
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        told(Buffer.concat(pieces).toString('utf8'));
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Receiver(server);
  }

  /** The `alerting` part of a configuration that tells it everything. */
  settings(): object {
    const url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const channel = { type: 'webhook', url, secret, allow_private: true, allow_http: true };
    return { receivers: [{ name: 'bench', send_resolved: false, max_per_minute: 1000, channels: [channel] }] };
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
