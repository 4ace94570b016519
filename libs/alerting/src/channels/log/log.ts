import type { Channel, ChannelParts, SignalNotice } from '../../notice.js';
import { visible } from '../../visible.js';
import { defineChannel } from '../define.js';
import { logConfig } from './config.js';

/** Prints notices with the service's own logger. It cannot fail. */
export const log = defineChannel(logConfig, (_config, parts): Channel => ({
  send(notice) {
    for (const entry of notice.kind === 'digest' ? notice.entries : [notice]) print(entry, parts);
    return Promise.resolve({ outcome: 'delivered' });
  },
}));

function print({ id, occasion, signal, receiver, untold }: SignalNotice, { log: logger, baseUrl }: ChannelParts): void {
  const message =
    signal.status === 'closed' && untold ? 'Signal opened and closed.' : occasion === 'opened' ? 'Signal opened.' : 'Signal closed.';
  logger.info(message, {
    level: signal.rule.level,
    rule: visible(signal.rule.title, 200),
    reason: visible(signal.reason, 500),
    signal: signal.id,
    count: signal.count,
    first: new Date(signal.first).toISOString(),
    last: new Date(signal.last).toISOString(),
    receiver,
    notification: id,
    url: `${baseUrl}/v1/signals/${encodeURIComponent(signal.id)}`,
  });
}
