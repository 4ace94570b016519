import { statfsSync } from 'node:fs';
import type { Finding } from '#http';
import { localDefaults } from '#local';

/** Below it records are refused with 503: what the log leaves free for checkpoints, and one delivery. */
const refusing = localDefaults.reserveBytes + 32 * 2 ** 20;
const little = 2 ** 30;

/** Room on the disk of a folder, in bytes. */
export interface Room {
  readonly free: number;
  readonly size: number;
}

/** What the room on the disk means. */
export function diskFinding(dataDir: string, roomOf: (path: string) => Room = roomOnDisk): Finding {
  const room = roomOf(dataDir);
  const facts = { free: room.free, size: room.size };
  const left = `${Math.floor(room.free / 2 ** 20).toLocaleString('en-US')} MiB free on the disk of ${dataDir}`;
  if (room.free < refusing)
    return { status: 'fail', message: `${left}: records are refused (503) until there is room; senders and files wait.`, facts };
  if (room.free < little)
    return {
      status: 'warn',
      message: `${left}: when it is full no more records are taken. Make room, or shorten store.keep_events.`,
      facts,
    };
  return { status: 'ok', facts };
}

function roomOnDisk(path: string): Room {
  const { bavail, blocks, bsize } = statfsSync(path);
  return { free: bavail * bsize, size: blocks * bsize };
}
