import { MemoryOutbox } from '#testkit';
import { outboxContract } from './outbox.contract.js';

outboxContract(() => {
  const outbox = new MemoryOutbox();
  return Promise.resolve({ outbox, reopen: () => Promise.resolve(outbox.reopened()), close: () => Promise.resolve() });
});
