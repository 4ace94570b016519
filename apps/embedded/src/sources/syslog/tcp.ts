import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls';
import { ServiceError } from '#telemetry';
import type { Millis } from '#time';
import type { TcpConfig, TlsConfig } from './config.js';
import { FrameReader, type Framed } from './framing.js';
import { addressText, listenTrouble, type Listening } from './listening.js';
import { admits } from './senders.js';
import type { Transport } from './tally.js';
import type { ListenParts } from './udp.js';

/** Connections are not read while more than this waits for the log. */
const mostWaiting = 4 << 20;
/** Unfinished messages of all connections of a listener together. */
const mostHeld = 64 << 20;
const handshakeTimeout: Millis = 10_000;
const farewell: Millis = 300;

/**
 * Listens for connections that carry messages (RFC 6587), encrypted where there is a certificate (RFC 5425). While the log is behind nothing is read, so the senders wait.
 * @throws ServiceError `syslog_listen_failed`, `syslog_certificate_unfit`
 */
export async function listenTcp(config: TcpConfig | TlsConfig, parts: ListenParts): Promise<Listening> {
  const transport: Transport = 'certificate' in config ? 'tls' : 'tcp';
  const { source } = parts.tally;
  const connections = new Connections(config, transport, parts);
  const { server, look } = 'certificate' in config ? overTls(config, connections, parts) : overTcp(connections);
  server.maxConnections = config.max_connections;
  server.on('drop', () => parts.tally.refused(transport, 'too_many'));
  try {
    server.listen({ host: config.host, port: config.port });
    await once(server, 'listening');
  } catch (error) {
    throw listenTrouble(error, { source, transport, host: config.host, port: config.port });
  }
  server.on('error', (error) => parts.logger.error('A syslog listener had trouble.', { source, transport, reason: error.message }));
  return {
    transport,
    address: addressText(server.address() as AddressInfo),
    look,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await connections.close();
      await closed;
    },
  };
}

interface Door {
  readonly server: Server;
  readonly look: () => void;
}

function overTcp(connections: Connections): Door {
  const server = createServer((socket) => {
    connections.arrived(socket);
    connections.take(socket);
  });
  return { server, look: () => undefined };
}

function overTls(config: TlsConfig, connections: Connections, parts: ListenParts): Door {
  let server: TlsServer;
  try {
    server = createTlsServer({ ...credentials(config, parts.tally.source), handshakeTimeout, minVersion: 'TLSv1.2' });
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw unfit(`The certificate ${config.certificate} and its key do not fit: ${(error as Error).message}`, parts.tally.source, error);
  }
  server.on('connection', (socket: Socket) => connections.arrived(socket));
  server.on('secureConnection', (socket) => connections.take(socket));
  server.on('tlsClientError', () => parts.tally.refused('tls', 'tls'));
  return { server, look: renewed(server, config, parts) };
}

/** The open connections of a listener. */
class Connections {
  readonly #open = new Map<Socket, FrameReader>();
  /** All of them, those in their handshake too. */
  readonly #sockets = new Set<Socket>();
  readonly #admitted;
  #held = 0;

  constructor(
    private readonly config: TcpConfig | TlsConfig,
    private readonly transport: Transport,
    private readonly parts: ListenParts,
  ) {
    this.#admitted = admits(config.allow);
  }

  arrived(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  take(socket: Socket): void {
    const { tally } = this.parts;
    // A peer that resets ends its connection as any other does: `close` follows.
    socket.on('error', () => undefined);
    if (!this.#admitted(socket.remoteAddress)) {
      tally.refused(this.transport, 'sender');
      socket.destroy();
      return;
    }
    const reader = new FrameReader(this.config.framing);
    this.#open.set(socket, reader);
    tally.connections++;
    socket.setKeepAlive(true, 60_000).setTimeout(this.config.idle_timeout);
    socket.on('data', (chunk: Buffer) => this.#read(socket, reader, chunk));
    socket.on('timeout', () => this.#idle(socket));
    socket.on('close', () => this.#end(socket, reader));
  }

  /** Tells the senders that this is the end and reads for a moment what they had sent by then. */
  async close(): Promise<void> {
    for (const socket of this.#open.keys()) socket.end();
    const gone = [...this.#open.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    const waiting = new AbortController();
    await Promise.race([Promise.all(gone), this.parts.clock.sleep(farewell, waiting.signal)]);
    waiting.abort();
    for (const socket of this.#sockets) socket.destroy();
  }

  #read(socket: Socket, reader: FrameReader, chunk: Buffer): void {
    const { intake, tally } = this.parts;
    const before = reader.held;
    this.#take(reader.push(chunk));
    this.#held += reader.held - before;
    if (reader.broken) {
      tally.refused(this.transport, 'framing');
      socket.destroy();
    } else if (this.#held > mostHeld) {
      tally.dropped(this.transport, 'memory', 1);
      this.#forget(socket, reader);
      socket.destroy();
    } else if (intake.bytes > mostWaiting && !socket.isPaused()) {
      socket.pause();
      void intake.drained().then(() => socket.resume());
    }
  }

  #take(framed: Framed): void {
    const { intake, tally } = this.parts;
    if (framed.count === 0) return;
    intake.offer(framed);
    tally.received(this.transport, framed.count);
    tally.damaged(this.transport, 'cut', framed.cut);
  }

  #idle(socket: Socket): void {
    // It is we who do not read.
    if (socket.isPaused()) return;
    this.parts.tally.refused(this.transport, 'idle');
    socket.destroy();
  }

  /** The last message of a connection need not have an end. */
  #end(socket: Socket, reader: FrameReader): void {
    if (!this.#open.has(socket)) return;
    this.#forget(socket, reader);
    const rest = reader.end();
    this.#take(rest);
    if (rest.unfinished) this.parts.tally.damaged(this.transport, 'unfinished', 1);
  }

  #forget(socket: Socket, reader: FrameReader): void {
    if (this.#open.delete(socket)) this.parts.tally.connections--;
    this.#held -= reader.held;
  }
}

/** @throws ServiceError `syslog_certificate_unfit` naming the file. */
function credentials(config: TlsConfig, source: string): TlsOptions {
  const read = (path: string, what: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw unfit(`The ${what} ${path} cannot be read: ${(error as Error).message}`, source, error);
    }
  };
  const { certificate, key, client_ca: clientCa } = config;
  return {
    cert: read(certificate, 'certificate'),
    key: read(key, 'key'),
    ...(clientCa !== undefined && { ca: read(clientCa, 'authorities file'), requestCert: true, rejectUnauthorized: true }),
  };
}

function unfit(what: string, source: string, cause: unknown): ServiceError {
  return new ServiceError('syslog_certificate_unfit', `${what} (source "${source}", syslog.tls).`, { cause });
}

/** Certificates are renewed while the service runs: new files are taken as soon as they fit together. */
function renewed(server: TlsServer, config: TlsConfig, { tally, logger }: ListenParts): () => void {
  const stamp = (): string =>
    [config.certificate, config.key, config.client_ca ?? '']
      .map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
      .join(' ');
  let known = stamp();
  return () => {
    const now = stamp();
    if (now === known) return;
    known = now;
    try {
      server.setSecureContext(credentials(config, tally.source));
      logger.info('The certificate of a syslog listener was read again.', { source: tally.source });
    } catch (error) {
      logger.error('A changed certificate does not fit; the one before stays in use.', {
        source: tally.source,
        reason: (error as Error).message,
      });
    }
  };
}
