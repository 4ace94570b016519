import { parentPort, workerData } from 'node:worker_threads';
import { BlockReader, type ReadingSettings } from './block-reader.js';
import type { FromWorker, ToWorker } from './line-workers.js';

// The thread of a line worker: it reads blocks in the order in which they come.
const port = parentPort!;
const reader = new BlockReader(workerData as ReadingSettings);

port.on('message', (message: ToWorker) => {
  if ('thin' in message) {
    reader.thin(message.thin);
    return;
  }
  const block = reader.read(message.payload, message.header);
  const { payload, times, stamps, places, starts, matched, lengths } = block;
  const buffers = [payload, times, stamps, places, starts, matched, lengths].map(({ buffer }) => buffer as ArrayBuffer);
  port.postMessage({ id: message.id, block } satisfies FromWorker, buffers);
});
