import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Logger } from '#telemetry';
import type { Clock } from '#time';
import type { UdpConfig } from './config.js';
import type { Intake } from './intake.js';
import { kernelDrops } from './kernel-drops.js';
import { addressText, listenTrouble, type Listening } from './listening.js';
import { oneRecord } from './one-record.js';
import { admits } from './senders.js';
import type { Tally } from './tally.js';

export interface ListenParts {
  readonly intake: Intake;
  readonly tally: Tally;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * Listens for datagrams, one message each. A sender of datagrams cannot be asked to wait: what finds the queue full is dropped and counted, and so is what
 * the kernel dropped before we saw it.
 * @throws ServiceError `syslog_listen_failed`
 */
export async function listenUdp(config: UdpConfig, { intake, tally, logger }: ListenParts): Promise<Listening> {
  const { host, port, queue } = config;
  const admitted = admits(config.allow);
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: config.receive_buffer });
  try {
    socket.bind({ address: host, port, exclusive: true });
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw listenTrouble(error, { source: tally.source, transport: 'udp', host, port });
  }
  socket.on('message', (message, { address }) => {
    if (!admitted(address)) return tally.dropped('udp', 'sender', 1);
    const payload = oneRecord(message);
    if (payload.length === 0) return;
    if (intake.bytes + payload.length > queue) return tally.dropped('udp', 'queue', 1);
    intake.offer({ payload, count: 1 });
    tally.received('udp', 1);
  });
  socket.on('error', (error) =>
    logger.error('A syslog socket had trouble.', { source: tally.source, transport: 'udp', reason: error.message }),
  );
  const place = socket.address();
  let seen = 0;
  const look = (): void => {
    const drops = kernelDrops(place) ?? seen;
    tally.dropped('udp', 'kernel', Math.max(0, drops - seen));
    seen = drops;
  };
  return {
    transport: 'udp',
    address: addressText(place),
    look,
    close: async () => {
      look();
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
